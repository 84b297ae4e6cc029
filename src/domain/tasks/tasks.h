/* What the caller should do now: the rules that modules list, asked one after
 * another and put in order. Nothing is stored; what a rule finds is its module's
 * affair. */
#ifndef DOMAIN_TASKS_H
#define DOMAIN_TASKS_H

#include "domain/domain.h"

extern const struct module TASKS_MODULE;

#endif
