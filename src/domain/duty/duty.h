/* Duty and support. */
#ifndef DOMAIN_DUTY_H
#define DOMAIN_DUTY_H

#include "domain/domain.h"

extern const struct module DUTY_MODULE;

#endif
