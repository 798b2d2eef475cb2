"""The OpenAPI description as one plain page: no script, no style from elsewhere, nothing that a closed network lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; } pre { overflow: auto; padding: .5rem; background: #8881; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
summary { cursor: pointer; padding: .3rem 0; } td, th { text-align: left; padding-right: 1.5rem; vertical-align: top; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }
"""


def docs_page(openapi: Mapping[str, Any]) -> str:
    """The page."""
    return "".join(_page(openapi))


def _page(openapi: Mapping[str, Any]) -> Iterator[str]:
    title = escape(openapi["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    yield '<meta name="viewport" content="width=device-width"><body>'
    yield f'<h1>{title}</h1><p>The same for programs: <a href="/openapi.json">/openapi.json</a>. '
    yield "Send <code>Authorization: Bearer TOKEN</code>. Amounts are decimal strings, dates ISO 8601.</p>"
    yield "<h2>Paths</h2>"
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield from _operation(path, method, operation)
    yield "<h2>Shapes</h2>"
    for name, schema in openapi.get("components", {}).get("schemas", {}).items():
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code> '
        yield f"{escape(schema.get('description', ''))}</summary>{_fields(schema)}</details>"
    yield "</body></html>"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details><summary><span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code></summary>'
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    if operation.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th>type</th></tr>"
        for one in operation["parameters"]:
            yield f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
            yield f"<td>{_kind(one.get('schema', {}))}</td></tr>"
        yield "</table>"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        yield f"<p>Body: {_kind(body)}</p>{_fields(body)}"
    yield "<table><tr><th>status</th><th>answer</th></tr>"
    for status, answer in operation.get("responses", {}).items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        yield f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))} {_kind(schema)}</td></tr>"
    yield "</table></details>"


def _fields(schema: Mapping[str, Any]) -> str:
    if "properties" not in schema:
        return ""
    required = schema.get("required", [])
    rows = (
        f"<tr><td><code>{escape(name)}</code>{'' if name in required else ' (optional)'}</td><td>{_kind(field)}</td></tr>"
        for name, field in schema["properties"].items()
    )
    return f"<table>{''.join(rows)}</table>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(_kind(one) for one in schema[several])
    if schema.get("type") == "array":
        return "list of " + (_kind(schema.get("items", {})) or "values")
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    return escape(str(schema.get("format") or schema.get("type") or schema.get("title") or ""))
