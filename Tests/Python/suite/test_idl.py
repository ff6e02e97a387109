"""storage.thrift itself: compilers take it, and it says what the table in api.py says. Needs no server."""

import os
import tempfile
import unittest

from . import api, generated


class Idl(unittest.TestCase):
    def test_the_compiler_takes_it_for_each_language(self):
        for language in ("py", "cpp", "java", "go"):
            with self.subTest(language=language), tempfile.TemporaryDirectory() as directory:
                self.assertNotIn("ERROR", generated.generate(language, directory))
                self.assertTrue(os.listdir(directory))

    def test_everything_is_documented(self):
        with open(generated.IDL, encoding="utf-8") as file:
            lines = file.read().split("\n")
        depth, before = 0, ""
        for number, line in enumerate(lines, 1):
            text = line.strip()
            starts = text.startswith(("enum ", "struct ", "exception ", "service "))
            if starts or depth and text and not text.startswith(("/*", "*", "}")):
                self.assertTrue(before.endswith("*/"), f"storage.thrift:{number} has no doc comment: {text}")
            depth += text.count("{") - text.count("}") if not text.startswith(("/*", "*")) else 0
            before = text

    def test_the_table_and_the_file_say_the_same(self):
        try:
            import thriftpy2
            from thriftpy2.thrift import TType
        except ImportError as error:
            self.skipTest(f"thriftpy2 cannot be used: {error}")
        module = thriftpy2.load(generated.IDL, module_name="needletail_idl_thrift")
        for name, values in api.ENUMS.items():
            self.assertEqual(getattr(module, name)._NAMES_TO_VALUES, values, name)
        meta = module.__thrift_meta__
        self.assertEqual({s.__name__ for s in meta["structs"]} | {"StorageError"}, set(api.STRUCTS))
        self.assertEqual({e.__name__ for e in meta["enums"]}, set(api.ENUMS))
        types = {"binary": TType.BINARY, "string": TType.STRING, "bool": TType.BOOL, "i32": TType.I32, "i64": TType.I64}

        def spec(kind):
            if kind in api.STRUCTS:
                return TType.STRUCT, getattr(module, kind)
            if kind in api.ENUMS:
                return TType.I32, getattr(module, kind)
            if kind.startswith("map<"):
                return TType.MAP, (TType.STRING, TType.STRING)
            if api.element(kind):
                inner = spec(api.element(kind))
                return TType.LIST, inner if len(inner) == 2 else inner[0]
            return (types[kind],)

        for name, fields in api.STRUCTS.items():
            found = getattr(module, name).thrift_spec
            expected = {f.id: (spec(f.type)[0], f.name, *spec(f.type)[1:], f.required) for f in fields}
            self.assertEqual(found, expected, name)
        self.assertEqual(module.Storage.thrift_services, ["ping", *api.METHODS])
        for method in api.METHODS:
            arguments = getattr(module.Storage, method + "_args").thrift_spec
            self.assertEqual({i: s[1:3] for i, s in arguments.items()},
                             {1: ("request", getattr(module, api.request_struct(method)))})
            results = getattr(module.Storage, method + "_result").thrift_spec
            self.assertEqual({i: s[1:3] for i, s in results.items()}, {
                0: ("success", getattr(module, api.response_struct(method))), 1: ("error", module.StorageError)})
        self.assertEqual({i: s[:2] for i, s in module.Storage.ping_result.thrift_spec.items()},
                         {0: (TType.STRING, "success")})


if __name__ == "__main__":
    unittest.main()
