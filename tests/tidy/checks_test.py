"""The checks catch what they are for: each bad sample is complained about, its good twin is not."""

import tempfile
import unittest
from pathlib import Path

import check_rooms
import check_sizes
import check_sql_names


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name).resolve()

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def assert_complaint(self, complaints, *words):
        self.assertEqual(len(complaints), 1, complaints)
        for word in words:
            self.assertIn(word, complaints[0])


class Rooms(Tree):
    def test_a_lower_room_may_be_included(self):
        self.write("src/worker/loop.cpp", '#include "store/job_store.hpp"\n#include <errand/job.hpp>\n')
        self.assertEqual(check_rooms.check(self.root), [])

    def test_a_higher_room_may_not(self):
        self.write("src/store/rows.cpp", '#include "worker/loop.hpp"\n')
        self.assert_complaint(check_rooms.check(self.root), "src/store/rows.cpp", "worker/loop.hpp")

    def test_a_room_on_the_same_line_may_not(self):
        self.write("src/server/page.cpp", '#  include "manager/slot.hpp"\n')
        self.assert_complaint(check_rooms.check(self.root), "manager/slot.hpp")

    def test_a_room_that_is_not_in_the_table_is_refused(self):
        self.write("src/attic/old.cpp", "")
        self.assert_complaint(check_rooms.check(self.root), "attic")

    def test_sqlite_stays_in_the_store(self):
        self.write("src/store/sqlite/file.cpp", "#include <sqlite3.h>\n")
        self.assertEqual(check_rooms.check(self.root), [])
        self.write("src/worker/loop.cpp", "#include <sqlite3.h>\n")
        self.assert_complaint(check_rooms.check(self.root), "sqlite3.h", "store")

    def test_the_rules_start_no_thread_and_read_no_clock(self):
        self.write("src/jobs/cron.cpp", "#include <thread>\n")
        self.assert_complaint(check_rooms.check(self.root), "<thread>")
        self.write("src/jobs/cron.cpp", "auto now = std::chrono::system_clock::now();\n")
        self.assert_complaint(check_rooms.check(self.root), "clock")
        self.write("src/jobs/cron.cpp", "// system_clock::now() is read by the caller\n")
        self.assertEqual(check_rooms.check(self.root), [])

    def test_public_headers_hide_their_libraries(self):
        self.write("include/errand/job.hpp", "#include <boost/asio/post.hpp>\n")
        self.assert_complaint(check_rooms.check(self.root), "boost/asio/post.hpp")

    def test_public_headers_do_not_reach_into_rooms(self):
        self.write("include/errand/job.hpp", '#include "jobs/cron.hpp"\n')
        self.assert_complaint(check_rooms.check(self.root), "jobs/cron.hpp")

    def test_an_example_sees_public_headers_and_its_own_files(self):
        self.write("src/jobs/cron.hpp", "")
        self.write("examples/media/jobs/jobs.hpp", "")
        self.write("examples/media/main.cpp", '#include "jobs/jobs.hpp"\n')
        self.assertEqual(check_rooms.check(self.root), [])
        self.write("examples/media/main.cpp", '#include "jobs/cron.hpp"\n')
        self.assert_complaint(check_rooms.check(self.root), "jobs/cron.hpp")


class Sizes(Tree):
    def lengths(self, text):
        return [length for _, length in check_sizes.functions(text)]

    def write_source(self, text):
        self.write("src/jobs/CMakeLists.txt", "errand_room(jobs SOURCES cron.cpp)\n")
        self.write("src/jobs/cron.cpp", text)

    def test_a_function_of_70_lines_is_the_longest(self):
        self.write_source("void f() {\n" + "  g();\n" * 68 + "}\n")
        self.assertEqual(check_sizes.check(self.root), [])
        self.write_source("void f() {\n" + "  g();\n" * 69 + "}\n")
        self.assert_complaint(check_sizes.check(self.root), "cron.cpp:1", "71 lines")

    def test_functions_are_found_where_they_hide(self):
        self.assertEqual(self.lengths("int f() { return 1; }"), [1])
        self.assertEqual(self.lengths("namespace a {\nclass B {\n void f() {\n }\n};\n}\n"), [2])
        self.assertEqual(self.lengths("A::A(int b)\n    : b_{b},\n      c_{1} {\n  f();\n}\n"), [5])
        self.assertEqual(self.lengths("auto f() -> std::vector<int> {\n}\n"), [2])
        self.assertEqual(self.lengths("template <class T>\nrequires A<T>\nvoid f(T t) const noexcept {\n}\n"), [4])
        self.assertEqual(self.lengths('void f() {\n  g("}{");  // }\n}\n'), [3])

    def test_what_is_not_a_function_is_not_counted(self):
        self.assertEqual(self.lengths("const int table[] = {\n 1,\n 2,\n};\n"), [])
        self.assertEqual(self.lengths("struct Backoff {\n  int first{1};\n};\n"), [])
        self.assertEqual(self.lengths("#define F(x) {\nstruct A {};\n"), [])

    def test_a_file_of_450_lines_is_the_longest(self):
        self.write_source("//\n" * 450)
        self.assertEqual(check_sizes.check(self.root), [])
        self.write_source("//\n" * 451)
        self.assert_complaint(check_sizes.check(self.root), "451 lines")

    def test_a_source_that_nobody_compiles_is_found(self):
        self.write_source("")
        self.write("src/jobs/cron_old.cpp", "")
        self.assert_complaint(check_sizes.check(self.root), "src/jobs/cron_old.cpp")

    def test_a_source_may_be_named_from_above_or_from_beside(self):
        self.write("tests/consumer/main.cpp", "")
        self.write("tests/consumer/installed/CMakeLists.txt", "add_executable(consumer ../main.cpp)\n")
        self.write("examples/CMakeLists.txt", "add_executable(hello 01_hello/main.cpp)\n")
        self.write("examples/01_hello/main.cpp", "")
        self.assertEqual(check_sizes.check(self.root), [])

    def test_a_header_that_nobody_includes_is_found(self):
        self.write_source('#include "jobs/cron.hpp"\n')
        self.write("src/jobs/cron.hpp", "")
        self.assertEqual(check_sizes.check(self.root), [])
        self.write("src/jobs/forgotten.hpp", "")
        self.assert_complaint(check_sizes.check(self.root), "forgotten.hpp")

    def test_a_nolint_names_its_check_and_its_reason(self):
        self.write_source("int a;  // NOLINT(cert-err58-cpp): built before main on purpose\n")
        self.assertEqual(check_sizes.check(self.root), [])
        for bad in ("NOLINT", "NOLINT: because", "NOLINT(cert-err58-cpp)", "NOLINTNEXTLINE(*): all"):
            self.write_source(f"int a;  // {bad}\n")
            self.assert_complaint(check_sizes.check(self.root), "cron.cpp:1", "reason")


class SqlNames(Tree):
    def setUp(self):
        super().setUp()
        self.write("src/store/store.cpp", 'auto a = "claim_jobs";\n')
        self.write("sql/sqlite/queries/claim_jobs.sql", "SELECT ';' FROM t -- one; statement\n")

    def test_one_statement_used_by_the_store_is_fine(self):
        self.assertEqual(check_sql_names.check(self.root), [])

    def test_two_statements_in_a_file_are_found(self):
        self.write("sql/sqlite/queries/claim_jobs.sql", "SELECT 1; SELECT 2;\n")
        self.assert_complaint(check_sql_names.check(self.root), "claim_jobs.sql", "2 statements")

    def test_an_empty_file_is_found(self):
        self.write("sql/sqlite/queries/claim_jobs.sql", "-- nothing\n")
        self.assert_complaint(check_sql_names.check(self.root), "0 statements")

    def test_a_statement_that_nobody_uses_is_found(self):
        self.write("sql/sqlite/queries/lost.sql", "SELECT 1\n")
        self.assert_complaint(check_sql_names.check(self.root), "lost.sql", "nobody uses it")

    def test_a_second_database_has_the_same_names(self):
        self.write("sql/postgres/queries/claim_jobs.sql", "SELECT 1\n")
        self.assertEqual(check_sql_names.check(self.root), [])
        self.write("src/store/store.cpp", 'auto a = "claim_jobs", b = "beat";\n')
        self.write("sql/postgres/queries/beat.sql", "SELECT 1\n")
        self.assertIn("queries/beat.sql", " ".join(check_sql_names.check(self.root)))

    def test_migrations_are_numbered_without_gaps(self):
        self.write("sql/sqlite/migrations/0001_worker_jobs.sql", "CREATE TABLE a (b); CREATE TABLE c (d);\n")
        self.assertEqual(check_sql_names.check(self.root), [])
        self.write("sql/sqlite/migrations/0003_more.sql", "SELECT 1;\n")
        self.assert_complaint(check_sql_names.check(self.root), "0003")


if __name__ == "__main__":
    unittest.main()
