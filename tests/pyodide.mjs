// The exercises in a browser's Python: right answers pass there, known mistakes get their hints, and verdicts are printed.
//
// At the root of the repository: `npm install --no-save pyodide && node tests/pyodide.mjs`. NumPy comes from Pyodide's
// own site, unless the wheel that pyodide-lock.json names lies in node_modules/pyodide.
import { loadPyodide } from "pyodide";

const pyodide = await loadPyodide();
await pyodide.loadPackage("numpy");
pyodide.mountNodeFS("/repository", process.cwd());

console.log(pyodide.runPython(`
import contextlib, io, sys

sys.dont_write_bytecode = True
sys.path.insert(0, "/repository")
from minisoftmax.exercises import check, exercise, grade, names

wrong = 0
for name in names():
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert check(name, exercise(name).solution), name
        assert check(name, ...).passed is None, name
    assert said.getvalue().count(name) == 2, said.getvalue()
    for mistake in exercise(name).mistakes:
        verdict = grade(name, mistake.answer)
        assert verdict.passed is False, name
        assert verdict.hint == mistake.hint, f"{name}: {mistake.hint!r} expected\\n{verdict}"
        wrong += 1
f"{len(names())} right answers passed, {wrong} mistakes got their hints; Python {sys.version.split()[0]}, {sys.platform}"
`));
