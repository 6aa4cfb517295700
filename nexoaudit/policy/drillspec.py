"""The keys of `[drill]`: how a restored system is asked whether it works."""

from nexoaudit.policy import questions, values
from nexoaudit.policy.spec import Key

_TEXT = {"type": "string", "minLength": 1}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,9}[smhdw]$"}

DRILL = {
    "health": Key(
        "health",
        values.command,
        'a command and its arguments such as ["/usr/bin/php", "/usr/local/lib/site/health.php"]',
        {"type": "array", "items": _TEXT, "minItems": 1},
    ),
    "plant": Key(
        "plant",
        questions.planting,
        "one statement with :nonce in it such as"
        " \"UPDATE config SET value = :nonce WHERE name = 'motd'\"",
        {"type": "string", "pattern": ":nonce"},
    ),
    "deadline": Key("deadline_s", values.period, 'a duration such as "90s" or "5m"', _DURATION),
    "web_user": Key("web_user", values.text, "whom the web server runs as", _TEXT),
}
RECONCILE = {
    "sql": Key(
        "sql",
        questions.select,
        'one SELECT of one column such as "SELECT path FROM attachments"',
        _TEXT,
        required=True,
    ),
    "below": Key(
        "below",
        values.below,
        'a directory below the top of the files such as "uploads"',
        {"type": "string"},
    ),
}
