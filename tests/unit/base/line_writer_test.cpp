#include "base/line_writer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <stdlib.h>

#include <gtest/gtest.h>

namespace errand {
namespace {

struct Pipe {
  UniqueFd reader{};
  UniqueFd writer{};
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

/// What is in the pipe now.
std::string drain(const Pipe& pipe) {
  ::fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
  std::string all;
  std::array<char, 65536> buffer{};
  for (ssize_t got = 0; (got = ::read(pipe.reader.get(), buffer.data(), buffer.size())) > 0;)
    all.append(buffer.data(), static_cast<std::size_t>(got));
  return all;
}

TEST(LineWriter, writes_lines_in_order) {
  const Pipe pipe = make_pipe();
  LineWriter writer{pipe.writer.get()};
  writer.write("one");
  writer.write("");
  writer.write("two");
  EXPECT_EQ(drain(pipe), "one\n\ntwo\n");
}

TEST(LineWriter, writes_lines_longer_than_a_page_whole) {
  const Pipe pipe = make_pipe();
  const std::string line(20'000, 'x');
  LineWriter{pipe.writer.get()}.write(line);
  EXPECT_EQ(drain(pipe), line + "\n");
}

TEST(LineWriter, drops_lines_nobody_reads_and_says_so_once_somebody_does) {
  const Pipe pipe = make_pipe();
  LineWriter writer{pipe.writer.get(), 1};
  const std::string line(1'000, 'x');
  while (writer.dropped() == 0)
    writer.write(line);
  writer.write(line);
  EXPECT_EQ(writer.dropped(), 2U);
  (void)drain(pipe);
  writer.write("again");
  EXPECT_EQ(writer.dropped(), 0U);
  EXPECT_EQ(drain(pipe), "(2 log lines were dropped: nobody read them)\nagain\n");
}

TEST(LineWriter, begins_a_new_line_after_one_that_was_cut_off) {
  const Pipe pipe = make_pipe();
  LineWriter writer{pipe.writer.get(), 1};
  writer.write(std::string(1'000'000, 'x'));
  EXPECT_EQ(writer.dropped(), 1U);
  const std::string torn = drain(pipe);
  EXPECT_EQ(torn.find('\n'), std::string::npos);
  EXPECT_GT(torn.size(), 4'096U);
  writer.write("again");
  EXPECT_EQ(drain(pipe), "\n(1 log lines were dropped: nobody read them)\nagain\n");
}

TEST(LineWriter, leaves_the_shared_pipe_blocking_for_others) {
  const Pipe pipe = make_pipe();
  LineWriter{pipe.writer.get()}.write("x");
  EXPECT_EQ(::fcntl(pipe.writer.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(LineWriter, survives_a_reader_that_has_gone) {
  Pipe pipe = make_pipe();
  LineWriter writer{pipe.writer.get()};
  pipe.reader.reset();
  writer.write("x");
  EXPECT_EQ(writer.dropped(), 1U);
  sigset_t pending{};
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(LineWriter, appends_to_files_where_the_descriptor_stands) {
  std::string name = testing::TempDir() + "line_writer_XXXXXX";
  const UniqueFd file{::mkstemp(name.data())};
  ASSERT_TRUE(file);
  ASSERT_EQ(::write(file.get(), "head\n", 5), 5);
  LineWriter{file.get()}.write("line");
  std::array<char, 64> buffer{};
  const ssize_t got = ::pread(file.get(), buffer.data(), buffer.size(), 0);
  EXPECT_EQ((std::string_view{buffer.data(), static_cast<std::size_t>(got)}), "head\nline\n");
  ::unlink(name.c_str());
}

TEST(LineWriter, counts_lines_to_a_closed_descriptor_as_dropped) {
  LineWriter writer{-1, 1};
  writer.write("x");
  EXPECT_EQ(writer.dropped(), 1U);
}

}  // namespace
}  // namespace errand
