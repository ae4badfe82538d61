#include "store/postgresql/postgres_parameters.hpp"

#include <algorithm>

#include "store/postgresql/postgres_values.hpp"

namespace errand::sql {
namespace {

constexpr int text_format = 0;
constexpr int binary_format = 1;

}  // namespace

void EncodedValues::reserve(std::size_t values) {
  starts_.reserve(values);
  lengths_.reserve(values);
  formats_.reserve(values);
}

void EncodedValues::end_value(std::size_t start, int format) {
  starts_.push_back(start);
  lengths_.push_back(static_cast<int>(bytes_.size() - start));
  formats_.push_back(format);
  bytes_.push_back('\0');
}

void EncodedValues::add_null() {
  starts_.push_back(null_start);
  lengths_.push_back(0);
  formats_.push_back(binary_format);
}

void EncodedValues::add_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw Error{ErrorKind::invalid,
                "a text with a NUL byte cannot be stored in PostgreSQL; remove or encode it"};
  const std::size_t start = bytes_.size();
  bytes_.append(text);
  end_value(start, text_format);
}

void EncodedValues::add(Oid type, const Param& value) {
  if (value.kind() == Param::Kind::null)
    return add_null();
  const std::size_t start = bytes_.size();
  if (append_binary(bytes_, type, value))
    end_value(start, binary_format);
  else
    add_text(text_form(value));
}

void EncodedValues::add_array(Oid element, std::span<const Param> values) {
  const std::size_t start = bytes_.size();
  append_array(bytes_, element, values);
  end_value(start, binary_format);
}

std::vector<const char*> EncodedValues::values() const {
  std::vector<const char*> pointers;
  pointers.reserve(starts_.size());
  for (const std::size_t start : starts_)
    pointers.push_back(start == null_start ? nullptr : bytes_.data() + start);
  return pointers;
}

void PostgresParameters::set(int number, const Param& value) {
  const auto index = static_cast<std::size_t>(number) - 1;
  if (index >= params_.size())
    params_.resize(index + 1);
  params_[index] = value;
}

EncodedValues PostgresParameters::encode(std::span<const Oid> types, std::string_view what) const {
  const auto arrays = static_cast<std::size_t>(
      std::count_if(types.begin(), types.end(), [](Oid type) { return element_of(type) != 0; }));
  const std::size_t shared = types.size() - arrays;
  const bool fits = arrays == 0
                        ? params_.size() <= types.size()
                        : params_.size() >= shared && (params_.size() - shared) % arrays == 0;
  if (!fits)
    throw Error{ErrorKind::bug,
                std::string{what} + " has " + std::to_string(types.size()) +
                    " parameters but was given " + std::to_string(params_.size()) + " values"};
  if (arrays != 0)
    return encode_rows(types, arrays);
  EncodedValues encoded;
  encoded.reserve(types.size());
  for (std::size_t index = 0; index < types.size(); ++index)
    encoded.add(types[index], index < params_.size() ? params_[index] : Param{});
  return encoded;
}

EncodedValues PostgresParameters::encode_rows(std::span<const Oid> types,
                                              std::size_t arrays) const {
  const std::size_t rows = (params_.size() - (types.size() - arrays)) / arrays;
  EncodedValues encoded;
  encoded.reserve(types.size());
  std::vector<Param> column(rows);
  for (std::size_t index = 0; index < arrays; ++index) {
    for (std::size_t row = 0; row < rows; ++row)
      column[row] = params_[row * arrays + index];
    encoded.add_array(element_of(types[index]), column);
  }
  for (std::size_t index = arrays; index < types.size(); ++index)
    encoded.add(types[index], params_[rows * arrays + index - arrays]);
  return encoded;
}

}  // namespace errand::sql
