// Whether the target that is being compiled may use VNNI and conflict detection. Every machine of
// Highway's AVX3_DL has them, but clang cannot add instructions to those that Highway names for a
// target; there the steps are those of plain AVX-512. Include after <hwy/highway.h>.
#pragma once

#define TOGGLEWISE_WITH_VNNI (HWY_TARGET == HWY_AVX3_DL && !HWY_COMPILER_CLANG)
