"""What mkdocs calls: generated pages join the written ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from ecoassess.documentation.site import Site, make_site, site_links
from ecoassess.project import find_project

_made: dict[str, Site] = {}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and say in which order all stand."""
    site = make_site(find_project(Path(config.config_file_path).parent))
    _made["site"] = site
    for path, text in site.pages.items():
        files.append(File.generated(config, path, content=text))
    config.nav = site.navigation
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:
    """Point the links of written pages at pages."""
    uri = page.file.src_uri
    if uri in _made["site"].pages:
        return markdown
    return site_links(markdown, f"docs/{uri}", _made["site"].pages)
