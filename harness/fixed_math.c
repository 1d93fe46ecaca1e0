/* SPDX-License-Identifier: MIT */
#include "fixed_math.h"

#include <sleef.h>

double fixed_exp(double x)
{
	return Sleef_cinz_expd1_u10purec(x);
}

double fixed_log(double x)
{
	return Sleef_cinz_logd1_u10purec(x);
}

double fixed_log2(double x)
{
	return Sleef_cinz_log2d1_u10purec(x);
}

double fixed_log10(double x)
{
	return Sleef_cinz_log10d1_u10purec(x);
}

double fixed_sin(double x)
{
	return Sleef_cinz_sind1_u10purec(x);
}

double fixed_cos(double x)
{
	return Sleef_cinz_cosd1_u10purec(x);
}

double fixed_tanh(double x)
{
	return Sleef_cinz_tanhd1_u10purec(x);
}
