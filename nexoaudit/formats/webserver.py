"""Which certificates and keys a configuration of Apache or Nginx names."""

import re

_DIRECTIVE = re.compile(
    rb"^[ \t]*(?:SSLCertificate(?:Key|Chain)?File|ssl_certificate(?:_key)?|ssl_trusted_certificate)"
    rb"[ \t]+(\"[^\"\n]+\"|'[^'\n]+'|[^\s;]+)",
    re.MULTILINE | re.IGNORECASE,
)
"""https://httpd.apache.org/docs/2.4/mod/mod_ssl.html and
https://nginx.org/en/docs/http/ngx_http_ssl_module.html"""


def key_files(text: bytes) -> tuple[str, ...]:
    """Return the absolute paths that its directives name, sorted, once.

    What is no file (`$ssl_server_name`, `data:`, `engine:`) or relative to somewhere is left out.
    """
    found = {match[1].strip(b"\"'") for match in _DIRECTIVE.finditer(text)}
    names = {path.decode("utf-8", "surrogateescape") for path in found if b"$" not in path}
    return tuple(sorted(name for name in names if name.startswith("/")))
