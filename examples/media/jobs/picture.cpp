#include "jobs/picture.hpp"

#include <algorithm>
#include <cstdint>
#include <errand/error.hpp>
#include <gd.h>
#include <limits>

namespace demo {
namespace {

constexpr std::int64_t pixels_max = 64'000'000;

[[noreturn]] void refuse(const std::string& why) {
  throw errand::Error{errand::ErrorKind::invalid, why};
}

void check_area(std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1 || width * height > pixels_max)
    refuse("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
           " pixels is not handled: it has no area, or more than 64 million pixels");
}

std::int64_t big_endian(const std::string& bytes, std::size_t at) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value * 256 + static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// The header is read before the decoder is: a small file may claim to be a picture of gigabytes.
void check_header(const std::string& bytes) {
  constexpr std::size_t width_at = 16;
  constexpr std::size_t header_end = 24;
  if (bytes.size() < header_end || bytes.compare(0, 8, "\x89PNG\r\n\x1a\n") != 0)
    refuse("it is not a PNG file");
  check_area(big_endian(bytes, width_at), big_endian(bytes, width_at + 4));
}

}  // namespace

void FreePicture::operator()(gdImageStruct* image) const noexcept {
  gdImageDestroy(image);
}

Picture::Picture(int width, int height) {
  check_area(width, height);
  image_.reset(gdImageCreateTrueColor(width, height));
  if (!image_)
    refuse("there is no memory for a picture of " + std::to_string(width) + " x " +
           std::to_string(height) + " pixels");
  gdImageAlphaBlending(image_.get(), 0);
  gdImageSaveAlpha(image_.get(), 1);
}

Picture Picture::from_png(const std::string& bytes) {
  check_header(bytes);
  if (bytes.size() > std::numeric_limits<int>::max())
    refuse("the PNG file is larger than 2 GiB");
  std::string copy = bytes;  // libgd asks for memory that it may write
  gdImageStruct* image = gdImageCreateFromPngPtr(static_cast<int>(copy.size()), copy.data());
  if (image == nullptr)
    refuse("the PNG file is damaged");
  return Picture{image};
}

Picture Picture::scaled_to(int width) const {
  const std::int64_t scaled = (std::int64_t{height()} * width + this->width() / 2) / this->width();
  check_area(width, std::max<std::int64_t>(scaled, 1));
  Picture result{width, static_cast<int>(std::max<std::int64_t>(scaled, 1))};
  gdImageCopyResampled(result.image_.get(),
                       image_.get(),
                       0,
                       0,
                       0,
                       0,
                       result.width(),
                       result.height(),
                       this->width(),
                       height());
  return result;
}

std::string Picture::to_png() const {
  int size = 0;
  const std::unique_ptr<void, void (*)(void*)> bytes{gdImagePngPtrEx(image_.get(), &size, 1),
                                                     gdFree};
  if (!bytes || size <= 0)
    throw errand::Error{errand::ErrorKind::unavailable,
                        "the picture could not be encoded: memory is short"};
  return {static_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

int Picture::width() const {
  return gdImageSX(image_.get());
}

int Picture::height() const {
  return gdImageSY(image_.get());
}

void Picture::set_pixel(int x, int y, int red, int green, int blue) {
  gdImageSetPixel(image_.get(), x, y, gdTrueColor(red, green, blue));
}

}  // namespace demo
