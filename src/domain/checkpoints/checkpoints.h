/* Checkpoints. */
#ifndef DOMAIN_CHECKPOINTS_H
#define DOMAIN_CHECKPOINTS_H

#include "domain/domain.h"

extern const struct module CHECKPOINTS_MODULE;

#endif
