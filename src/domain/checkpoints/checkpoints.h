/* Checkpoints: who passed where and what was decided, and passes that a phone
 * verifies without network. What follows from a follow_up is the visits
 * module's. */
#ifndef DOMAIN_CHECKPOINTS_H
#define DOMAIN_CHECKPOINTS_H

#include "domain/domain.h"

extern const struct module CHECKPOINTS_MODULE;

/* 37.30 °C, in hundredths. */
#define FEVER 3730

enum direction { DIRECTION_IN, DIRECTION_OUT };
enum vehicle_kind { VEHICLE_CAR, VEHICLE_TRUCK, VEHICLE_BUS, VEHICLE_MOTORCYCLE, VEHICLE_OTHER, VEHICLE_ON_FOOT };
enum decision { DECISION_PASS, DECISION_TURNED_BACK, DECISION_FOLLOW_UP, DECISION_REFERRED };
enum symptom { SYMPTOM_FEVER, SYMPTOM_COUGH, SYMPTOM_FATIGUE, SYMPTOM_BREATH, SYMPTOM_DIARRHOEA, SYMPTOM_OTHER };
extern const char *const DIRECTIONS[],
    *const DIRECTIONS_ZH[], *const VEHICLE_KINDS[], *const VEHICLE_KINDS_ZH[],
							*const DECISIONS[], *const DECISIONS_ZH[],
										*const SYMPTOMS[], *const SYMPTOMS_ZH[];

/* All of it personal data of the subject; absent (NULL) in projections. */
struct traveller {
	struct str name;
	struct str id_number; /* blind index */
	struct str phone;     /* blind index */
};
extern struct shape TRAVELLER;

/* As sent. The text is moved to the person's `address` when the event is filled, since an address is personal:
 * recorded destinations have the place alone. */
struct destination {
	int64_t place; /* FIELD_ABSENT: not known as a division; not necessarily one of this store's */
	struct str text;
};

/* As sent; the plate, being personal, is moved to the first person when the event is filled. */
struct vehicle {
	struct str plate;
	int64_t kind; /* FIELD_ABSENT, or enum vehicle_kind */
};

struct screened {
	struct uuid subject;             /* filled when left out */
	struct traveller *person;        /* personal */
	struct str plate;                /* personal; on the first person: the vehicle's */
	struct str address;              /* personal: where they will stay */
	struct str origin;               /* a place in words */
	struct destination *destination; /* NULL: not told */
	int64_t temperature;             /* hundredths, FIELD_ABSENT: not taken */
	struct list symptoms;            /* personal; of int64_t, enum symptom */
	int64_t unwell;                  /* filled: 1 when there are symptoms, else FIELD_ABSENT */
	int64_t decision;                /* enum decision */
	struct str note;                 /* personal */
};

struct screening_recorded {
	int64_t direction;
	struct vehicle *vehicle; /* NULL: on foot */
	struct list people;      /* of struct screened, 1–60 */
};
extern struct shape SCREENING_RECORDED, SCREENED;

/* Does the destination lie within the store? 1 and it, or the listed place above it where it is not listed itself at
 * the event's time; 0, -1. */
int destination_inside(struct work *w, const struct screened *p, int64_t at, place_t *ret, struct err *err);

extern const struct err_kind ERR_NOT_CHECKPOINT;

#endif
