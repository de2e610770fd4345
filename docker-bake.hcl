# Images for several architectures: docker buildx bake --push (JITSIMESH_IMAGE_PREFIX names where to). The programs are compiled on the
# builder's own architecture, without emulation; only the last stage of an image, which copies them, is of the other.
variable "JITSIMESH_IMAGE_PREFIX" { default = "jitsimesh" }
variable "JITSIMESH_IMAGE_VERSION" { default = "0.1.0" }
variable "JITSIMESH_REVISION" { default = "unknown" }
variable "JITSIMESH_READY_TO_RUN" { default = "true" }
variable "SDK_IMAGE" { default = "mcr.microsoft.com/dotnet/sdk:10.0" }
variable "BASE_IMAGE" { default = "mcr.microsoft.com/dotnet/aspnet:10.0" }
variable "NODE_IMAGE" { default = "node:22-bookworm-slim" }

group "default" { targets = ["image"] }

target "image" {
  matrix = {
    item = [
      { folder = "signalling", name = "signalling" },
      { folder = "focus", name = "focus" },
      { folder = "media-bridge", name = "media-bridge" },
      { folder = "auth", name = "auth" },
      { folder = "edge-proxy", name = "edge-proxy" },
      { folder = "sip-gateway", name = "sip-gateway" },
      { folder = "recorder", name = "recorder" },
      { folder = "doctor", name = "tools" },
      { folder = "all-in-one", name = "all-in-one" },
    ]
  }
  name = "image-${item.name}"
  context = "."
  dockerfile = "services/${item.folder}/Dockerfile"
  platforms = ["linux/amd64", "linux/arm64"]
  tags = ["${JITSIMESH_IMAGE_PREFIX}/${item.name}:${JITSIMESH_IMAGE_VERSION}"]
  args = {
    SDK_IMAGE = SDK_IMAGE
    BASE_IMAGE = BASE_IMAGE
    NODE_IMAGE = NODE_IMAGE
    READY_TO_RUN = JITSIMESH_READY_TO_RUN
    VERSION = JITSIMESH_IMAGE_VERSION
    REVISION = JITSIMESH_REVISION
  }
}
