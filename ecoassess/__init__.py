"""Carbon assessment of ecological technologies per county and month."""
