#include <errand/error.hpp>
#include <random>

#include <gtest/gtest.h>

#include "ipc/frame.hpp"
#include "ipc/message.hpp"

namespace errand::ipc {
namespace {

std::vector<std::string> good_lines() {
  const Message messages[] = {
      Hello{1, "0.1.0", 4711},
      WorkerStarted{4711, 12},
      WorkerShutdown{4711, "recycled"},
      WorkerError{"line one\nline \"two\" \xc3\xa9", 4711},
      Heartbeat{1 << 20},
      SendToUser{42, {{"type", "imageReady"}, {"path", "a.png"}, {"sizes", {1, 2.5, -3e-7}}}},
      Broadcast{Json::array({nullptr, true, "x"})},
      JobStarted{7, 42},
      JobProgress{7, 42, {0.5, "decoded"}},
      JobFinished{{{{"id", 7}, {"state", "succeeded"}}}},
      CancelJob{7},
  };
  std::vector<std::string> lines;
  for (const Message& message : messages)
    lines.push_back(encode(message));
  return lines;
}

/// Damages that bring a parser into trouble: bytes flipped, dropped, doubled, swapped for
/// meaningful ones, two lines spliced.
std::string damaged(std::string line,
                    const std::vector<std::string>& others,
                    std::mt19937& random) {
  constexpr std::string_view meaningful = "{}[]\",:\\\n-0123456789eE.utf\x80\xff\xc3";
  for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
    const std::size_t at = line.empty() ? 0 : random() % line.size();
    switch (random() % 5) {
      case 0:
        line.insert(at, 1, static_cast<char>(random() % 256));
        break;
      case 1:
        line.insert(at, 1, meaningful[random() % meaningful.size()]);
        break;
      case 2:
        line.erase(at, random() % 8);
        break;
      case 3:
        line.insert(at, line.substr(at, random() % 16));
        break;
      default:
        line = line.substr(0, at) + others[random() % others.size()];
        break;
    }
  }
  return line;
}

TEST(Decoder, OutlivesAHundredThousandDamagedLines) {
  std::mt19937 random{4711};
  const std::vector<std::string> lines = good_lines();
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = damaged(lines[random() % lines.size()], lines, random);
    LineSplitter splitter{line_bytes_max};
    splitter.feed(text);
    while (const auto line = splitter.next()) {
      try {
        // What was accepted can be passed on.
        static_cast<void>(encode(decode(*line)));
        ++accepted;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        ++refused;
      }
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 50'000);
}

TEST(Decoder, OutlivesRandomBytes) {
  std::mt19937 random{271828};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random() % 256);
    EXPECT_THROW(static_cast<void>(decode(bytes)), Error);
  }
}

}  // namespace
}  // namespace errand::ipc
