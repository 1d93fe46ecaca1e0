/* SPDX-License-Identifier: MIT
 *
 * The functions of libm that C and IEEE 754 do not fix to the last bit, as SLEEF's plain C versions
 * without FMA (Sleef_cinz_*_u10purec: error below 1.0 ulp), so that a stored number does not depend
 * on libc or CPU.  Nothing behind a stored number calls libm's own exp, log, sin, cos, pow ...
 */
#ifndef QS_FIXED_MATH_H
#define QS_FIXED_MATH_H

double fixed_exp(double x);
double fixed_log(double x);
double fixed_log2(double x);
double fixed_log10(double x);
double fixed_sin(double x);
double fixed_cos(double x);
double fixed_tanh(double x);

#endif
