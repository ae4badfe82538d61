#include "fail_nth/json_destructor.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <execinfo.h>
#include <fstream>
#include <iterator>
#include <link.h>
#include <string>
#include <string_view>
#include <vector>

namespace errand::testing {
namespace {

struct Range {
  std::uintptr_t begin{0};
  std::uintptr_t end{0};
};

std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t /*size*/, void* found) {
        *static_cast<std::uintptr_t*>(found) = info->dlpi_addr;
        return 1;  // the program itself comes first
      },
      &address);
  return address;
}

template <typename T>
T read_at(const std::string& file, std::size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

void add_symbols(const std::string& file,
                 const Elf64_Shdr& table,
                 const Elf64_Shdr& names,
                 std::vector<Range>& ranges) {
  const std::uintptr_t base = load_address();
  for (std::size_t at = table.sh_offset; at < table.sh_offset + table.sh_size;
       at += sizeof(Elf64_Sym)) {
    const auto symbol = read_at<Elf64_Sym>(file, at);
    const std::string_view name{file.data() + names.sh_offset + symbol.st_name};
    if (name.find("json_value7destroy") != std::string_view::npos)
      ranges.push_back({base + symbol.st_value, base + symbol.st_value + symbol.st_size});
  }
}

/// Where the code of that destructor is, by this program's own symbols.
std::vector<Range> destructors() {
  std::ifstream program{"/proc/self/exe", std::ios::binary};
  const std::string file{std::istreambuf_iterator<char>{program}, {}};
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  const auto section = [&](std::size_t index) {
    return read_at<Elf64_Shdr>(file, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  std::vector<Range> ranges;
  for (std::size_t index = 0; index < header.e_shnum; ++index) {
    const Elf64_Shdr table = section(index);
    if (table.sh_type == SHT_SYMTAB)
      add_symbols(file, table, section(table.sh_link), ranges);
  }
  return ranges;
}

const std::vector<Range> destructor_ranges = destructors();

}  // namespace

bool is_inside_json_destructor() noexcept {
  std::array<void*, 24> frames{};
  const int depth = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  for (int frame = 0; frame < depth; ++frame) {
    const auto address = reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(frame)]);
    for (const Range& range : destructor_ranges)
      if (address >= range.begin && address < range.end)
        return true;
  }
  return false;
}

}  // namespace errand::testing
