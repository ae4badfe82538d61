#pragma once

#include <filesystem>
#include <memory>
#include <string>

struct gdImageStruct;

namespace demo {

struct FreePicture {
  void operator()(gdImageStruct* image) const noexcept;
};

/// A picture in memory, through libgd.
class Picture {
 public:
  /// Throws `Error{invalid}` for a picture without area or of more than 64 million pixels.
  Picture(int width, int height);

  /// Throws `Error{invalid}` when the bytes are not a PNG file, or one that is too large.
  static Picture from_png(const std::string& bytes);

  /// In proportion, `width` pixels wide, each pixel the mean of those that it covers.
  [[nodiscard]] Picture scaled_to(int width) const;

  [[nodiscard]] std::string to_png() const;

  [[nodiscard]] int width() const;
  [[nodiscard]] int height() const;

  void set_pixel(int x, int y, int red, int green, int blue);

 private:
  explicit Picture(gdImageStruct* image) : image_{image} {}

  std::unique_ptr<gdImageStruct, FreePicture> image_;
};

}  // namespace demo
