"""English: sentences about copies that are encrypted, or should be, and about copies elsewhere."""

COPY_PROBLEMS = {
    "copy.differs": "its content is not that of the copy it was made from",
    "copy.unproven": "nothing proves that its bytes are the right ones yet",
    "copy.refused": "we may not ask for it",
    "tree.unprovable": (
        "nothing there computes digests of a tree's files: let nexoaudit-remote do it "
        '(access = "command"), or leave the location out of this series'
    ),
    "sealed.not_openpgp": "it is named like an encrypted file, but is none",
    "sealed.not_encrypted": "it is an OpenPGP file, but nothing in it is encrypted",
    "sealed.weak": "it is encrypted with a weaker cipher than AES256",
    "sealed.no_integrity": "its encryption has no integrity protection: nothing shows changes",
    "sealed.cut": "it is encrypted and cut short",
    "sealed.altered": "its encrypted bytes were altered after it was made",
    "sealed.key": "the passphrase does not open it, or its first bytes were altered",
    "sealed.no_key": "it is encrypted, and what opens it was not given",
}
"""See `en.COPY_PROBLEMS`."""
