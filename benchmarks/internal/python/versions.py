import json
import platform
import sys

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed: it has TaskGroup, timeout and Runner")
try:
    from uvloop import __version__ as uvloop
except ImportError:
    uvloop = ""
print(json.dumps({"python": platform.python_version(), "uvloop": uvloop}))
