"""Apply a rename map (tab-separated: kind, scope, old, new, note) to the whole tree.

Kinds: word, field, model, string, setting, module, hand (listed only).
"""

import fnmatch
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

SQL = re.compile(
    r"\b(SELECT|UPDATE|INSERT|DELETE|CREATE|DROP|ALTER|WHERE|FROM|CONSTRAINT|TRIGGER|RETURNING|JOIN|RAISE|WITH|SET|AND|ORDER BY|VALUES)\b"
)
IDENT = re.compile(r"[-+]?[A-Za-z_][A-Za-z0-9_]*\Z")
DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+\Z")


@dataclass
class Rule:
    kind: str
    globs: list
    old: str
    new: str

    def matches(self, path):
        return any(fnmatch.fnmatch(path, g) for g in self.globs)


def load(files):
    rules = []
    for f in files:
        for n, line in enumerate(Path(f).read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            cols = line.split("\t")
            if len(cols) < 4:
                print("BAD", f, n, line)
                continue
            kind, scope, old, new = [c.strip() for c in cols[:4]]
            if kind == "hand" or old == new:
                continue
            globs = ["*"] if scope in ("*", "-", "") else [g.strip() for g in scope.split(",")]
            rules.append(Rule(kind, globs, old, new))
    return rules


def snake(model):
    return model.lower()


class Renamer(cst.CSTTransformer):
    def __init__(self, path, words, fields, strings, models, modules, wide):
        self.words, self.fields, self.strings, self.models, self.modules = (
            words,
            fields,
            strings,
            models,
            modules,
        )
        self.wide = wide
        self.module_aliases = {}

    # names
    def leave_Name(self, node, new):
        v = new.value
        if v in self.words:
            return new.with_changes(value=self.words[v])
        if v in self.fields:
            return new.with_changes(value=self.fields[v])
        if "__" in v and not v.startswith("__"):
            parts = v.split("__")
            fixed = [self.fields.get(p, p) for p in parts]
            if fixed != parts:
                return new.with_changes(value="__".join(fixed))
        return new

    def _text(self, value):
        """Inner text of a string literal (raw source), rewritten."""
        out = value
        if out in self.strings:
            return self.strings[out]
        if IDENT.match(out):
            sign = out[0] if out[0] in "+-" else ""
            body = out[len(sign) :]
            if body in self.words:
                return sign + self.words[body]
            parts = body.split("__")
            parts = [self.fields.get(p, p) for p in parts]
            body = "__".join(parts)
            return sign + self.models.get(body, body)
        if DOTTED.match(out):
            out = rename_dotted(out, self.modules)
            parts = out.split(".")
            return ".".join(
                self.words.get(p, self.fields.get(p, self.models.get(p, p))) for p in parts
            )
        if SQL.search(out):
            for table in (self.fields, self.models, self.strings):
                out = replace_words(out, table)
        out = replace_backticks(out, {**self.words, **self.fields, **self.models, **self.strings})
        out = replace_words(out, {k: v for k, v in self.models.items() if "_" in k})
        out = rename_dotted_in_text(out, self.modules)
        return out

    def leave_SimpleString(self, node, new):
        raw = new.value
        m = re.match(r"([a-zA-Z]*)('''|\"\"\"|'|\")", raw)
        prefix, quote = m.group(1), m.group(2)
        inner = raw[m.end() : -len(quote)]
        fixed = self._text(inner)
        if fixed != inner:
            return new.with_changes(value=f"{prefix}{quote}{fixed}{quote}")
        return new

    def leave_FormattedStringText(self, node, new):
        v = new.value
        out = v
        for table in (self.fields, self.models, self.strings):
            out = replace_words(
                out, {k: x for k, x in table.items() if "_" in k or "." in k or SQL.search(v)}
            )
        out = rename_dotted_in_text(out, self.modules)
        return new.with_changes(value=out) if out != v else new

    def leave_Comment(self, node, new):
        out = replace_backticks(new.value, {**self.words, **self.fields, **self.models})
        return new.with_changes(value=out) if out != new.value else new


_cache = {}


def replace_words(text, table):
    if not table:
        return text
    key = id(table), len(table)
    pattern = (
        re.compile(
            r"(?<![\w.])("
            + "|".join(sorted(map(re.escape, table), key=len, reverse=True))
            + r")(?!\w)"
        )
        if False
        else re.compile(
            r"(?<!\w)("
            + "|".join(sorted(map(re.escape, table), key=len, reverse=True))
            + r")(?!\w)"
        )
    )
    return pattern.sub(lambda m: table[m.group(1)], text)


def replace_backticks(text, table):
    if "`" not in text:
        return text
    return re.sub(r"`[^`\n]+`", lambda m: replace_words(m.group(0), table), text)


def rename_dotted(name, modules):
    for old, new in modules:
        if name == old or name.startswith(old + "."):
            return new + name[len(old) :]
    return name


def rename_dotted_in_text(text, modules):
    for old, new in modules:
        if old in text and "." in old:
            text = re.sub(r"(?<![\w./])" + re.escape(old) + r"(?![\w])", new, text)
        slash = old.replace(".", "/")
        if slash in text and "/" in slash:
            text = re.sub(
                r"(?<![\w])" + re.escape(slash) + r"(?=\.py|/)", new.replace(".", "/"), text
            )
    return text


class ModuleRenamer(cst.CSTTransformer):
    """Import statements and names that stand for a renamed module."""

    def __init__(self, modules):
        self.modules = modules
        self.exact = dict(modules)
        self.aliases = {}

    def visit_ImportFrom(self, node):
        if node.module is None or isinstance(node.names, cst.ImportStar):
            return
        base = dotted(node.module)
        for alias in node.names:
            full = f"{base}.{alias.name.value}"
            if full in self.exact and alias.asname is None:
                new = self.exact[full].rsplit(".", 1)[1]
                self.aliases[alias.name.value] = new

    def leave_ImportFrom(self, node, new):
        if new.module is None or isinstance(new.names, cst.ImportStar):
            return new
        base = dotted(new.module)
        names = []
        target_base = rename_dotted(base, self.modules)
        for alias in new.names:
            orig = next(a for a in node.names if a.deep_equals(alias)) if False else alias
            names.append(orig)
        changed = []
        for alias, orig in zip(new.names, node.names):
            full = f"{base}.{orig.name.value}"
            if full in self.exact:
                nb, nn = self.exact[full].rsplit(".", 1)
                target_base = nb
                alias = alias.with_changes(name=cst.Name(nn))
            else:
                alias = alias.with_changes(name=orig.name)
            changed.append(alias)
        return new.with_changes(module=undot(target_base), names=changed)

    def leave_Attribute(self, node, new):
        name = dotted(new)
        if name:
            fixed = rename_dotted(name, self.modules)
            if fixed != name:
                return undot(fixed)
        return new

    def leave_SimpleString(self, node, new):
        out = rename_dotted_in_text(new.value, self.modules)
        return new.with_changes(value=out) if out != new.value else new


class AliasRenamer(cst.CSTTransformer):
    def __init__(self, aliases):
        self.aliases = aliases

    def visit_Attribute(self, node):
        node.value.visit(self)
        return False

    def leave_Attribute(self, node, new):
        return new.with_changes(value=node.value.visit(AliasRenamer(self.aliases)))

    def visit_ImportFrom(self, node):
        return False

    def visit_Arg(self, node):
        return True

    def leave_Arg(self, node, new):
        if node.keyword is not None:
            return new.with_changes(keyword=node.keyword)
        return new

    def leave_Name(self, node, new):
        return new.with_changes(value=self.aliases[new.value]) if new.value in self.aliases else new


def dotted(node):
    parts = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


def undot(name):
    parts = name.split(".")
    node = cst.Name(parts[0])
    for p in parts[1:]:
        node = cst.Attribute(node, cst.Name(p))
    return node


def main(maps):
    rules = load(maps)
    modules = [(r.old, r.new) for r in rules if r.kind == "module"]
    packages = modules
    modules = []
    for old, new in packages:
        for po, pn in packages:
            if old.startswith(pn + ".") and old != po and po != old:
                old = po + old[len(pn) :]
                break
        modules.append((old, new))
    modules.sort(key=lambda m: -len(m[0]))
    files = subprocess.check_output(["git", "ls-files"], text=True).split("\n")
    files = [f for f in files if f and Path(f).is_file()]
    for path in files:
        p = Path(path)
        is_py = path.endswith(".py")
        is_text = path.endswith(
            (".sql", ".html", ".md", ".yml", ".toml", ".sh", ".po", ".js")
        ) or path in ("run", "Dockerfile", ".ci/run", "Makefile", ".dockerignore")
        if not (is_py or is_text) or path.startswith("tools/"):
            continue
        mine = [r for r in rules if r.matches(path)]
        words = {r.old: r.new for r in mine if r.kind == "word"}
        fields = {r.old: r.new for r in mine if r.kind == "field"}
        strings = {r.old: r.new for r in mine if r.kind in ("string", "setting")}
        models = {}
        for r in mine:
            if r.kind == "model":
                words[r.old] = r.new
                o, n = snake(r.old), snake(r.new)
                if "." in r.new or not o:
                    continue
                for room in ROOMS:
                    models[f"{room}_{o}"] = f"{room}_{n}"
                for verb in ("view", "add", "change", "delete"):
                    models[f"{verb}_{o}"] = f"{verb}_{n}"
                models[f"{o}_set"] = f"{n}_set"
        try:
            text = p.read_text()
        except UnicodeDecodeError:
            continue
        if is_py:
            before = text
            tree = cst.parse_module(text)
            if words or fields or strings or models or modules:
                tree = tree.visit(Renamer(path, words, fields, strings, models, modules, None))
            mr = ModuleRenamer(modules)
            tree = tree.visit(mr)
            aliases = {a: b for a, b in mr.aliases.items() if a != b}
            if aliases:
                tree = tree.visit(AliasRenamer(aliases))
            text = tree.code
            if text != before:
                p.write_text(text)
        else:
            before = text
            table = {**strings}
            if path.endswith((".sql", ".html")):
                table |= fields | models | {w: n for w, n in words.items() if "_" in w}
            elif path.endswith(".md"):
                text = replace_backticks(
                    text, {**{w: n for w, n in {**words, **fields}.items()}, **models}
                )
                table = {k: v for k, v in {**strings, **models}.items() if "_" in k or "." in k}
            elif path.endswith((".po",)):
                table = {}
                text = rename_dotted_in_text(text, modules)
            text = replace_words(text, table)
            text = rename_dotted_in_text(text, modules)
            if text != before:
                p.write_text(text)
    for old, new in modules:
        for a, b in (
            (old.replace(".", "/") + ".py", new.replace(".", "/") + ".py"),
            (old.replace(".", "/"), new.replace(".", "/")),
        ):
            if Path(a).exists() and not Path(b).exists():
                Path(b).parent.mkdir(parents=True, exist_ok=True)
                subprocess.check_call(["git", "mv", a, b])
                break
            if Path(a).is_dir():
                for item in subprocess.check_output(["git", "ls-files", a], text=True).split():
                    target = b + item[len(a) :]
                    Path(target).parent.mkdir(parents=True, exist_ok=True)
                    subprocess.check_call(["git", "mv", item, target])
                break
        else:
            print("not moved:", old, new)


ROOMS = [
    "events",
    "members",
    "catalog",
    "ledger",
    "distribution",
    "orders",
    "commissions",
    "risk",
    "withdrawals",
    "integration",
    "closing",
]
if __name__ == "__main__":
    main(sys.argv[1:])
