"""Where somebody goes on to who had to do something else first: only ever a page of this desk."""

from urllib.parse import urlencode

from notifications.messages import Language


def local_path(wanted: str) -> str:
    """Where to go on; only ever an address of this desk."""
    fine = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if fine and "\\" not in wanted else "/"


def in_language(path: str, language: Language) -> str:
    """The page in the language of the one it is left for, unless it names one itself.

    Whoever signs in on a Chinese page goes on in Chinese, whatever the browser is set to.
    """
    return path if "lang=" in path else f"{path}{'&' if '?' in path else '?'}lang={language}"


def finish_first(wanted: str, language: Language) -> str:
    """The account's own page for who has not finished signing in; it leads on to the page that was wanted."""
    onwards = local_path(wanted)
    return f"/account?{urlencode({'next': onwards, 'lang': language} if onwards != '/' else {'lang': language})}"
