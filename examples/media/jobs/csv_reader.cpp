#include "jobs/csv_reader.hpp"

#include <csv.h>
#include <errand/error.hpp>
#include <utility>

namespace demo {

struct CsvReader::State {
  csv_parser parser{};
  CsvRow row{};
  std::vector<CsvRow> rows{};
  std::size_t completed{0};

  // libcsv is C: nothing may be thrown through it, so the callbacks only collect.
  static void on_field(void* text, std::size_t size, void* self) {
    static_cast<State*>(self)->row.emplace_back(static_cast<const char*>(text), size);
  }

  static void on_row(int /*terminator*/, void* self) {
    auto& state = *static_cast<State*>(self);
    state.rows.push_back(std::exchange(state.row, {}));
    ++state.completed;
  }

  [[noreturn]] void refuse() {
    throw errand::Error{errand::ErrorKind::invalid,
                        "row " + std::to_string(completed + 1) +
                            " has a quote where none may be, or one that is never closed"};
  }
};

CsvReader::CsvReader() : state_{std::make_unique<State>()} {
  if (csv_init(&state_->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    throw errand::Error{errand::ErrorKind::unavailable, "the CSV parser could not be set up"};
}

CsvReader::~CsvReader() {
  csv_free(&state_->parser);
}

std::vector<CsvRow> CsvReader::feed(std::string_view block) {
  const std::size_t parsed = csv_parse(
      &state_->parser, block.data(), block.size(), &State::on_field, &State::on_row, state_.get());
  if (parsed != block.size())
    state_->refuse();
  return std::exchange(state_->rows, {});
}

std::vector<CsvRow> CsvReader::finish() {
  if (csv_fini(&state_->parser, &State::on_field, &State::on_row, state_.get()) != 0)
    state_->refuse();
  return std::exchange(state_->rows, {});
}

}  // namespace demo
