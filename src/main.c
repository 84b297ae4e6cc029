/* The program: everything is wired in cli/ and below. */
#include <signal.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	/* A reader that goes away shows as a failed write, not as a silent end. */
	signal(SIGPIPE, SIG_IGN);
	return cli_main(argc, argv);
}
