/* Inner: the program's commands, each in a file of its own. argv[0] is the command's name. */
#ifndef AZEKURA_APP_COMMANDS_H
#define AZEKURA_APP_COMMANDS_H

int command_serve(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_assess(int argc, char **argv);
int command_duties(int argc, char **argv);
int command_site(int argc, char **argv);
int command_survey(int argc, char **argv);
int command_site_import(int argc, char **argv); /* of azekura site */
int command_geo(int argc, char **argv);
int command_landmark(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_finding(int argc, char **argv);
int command_user(int argc, char **argv);
int command_key(int argc, char **argv);
int command_exception(int argc, char **argv);
int command_break_glass(int argc, char **argv);
int command_debt(int argc, char **argv);
int command_rulebook(int argc, char **argv);
int command_register(int argc, char **argv);
int command_prove(int argc, char **argv);
int command_bundle(int argc, char **argv); /* prove --bundle */
int command_store(int argc, char **argv);
int command_ledger(int argc, char **argv);
int command_succeed(int argc, char **argv);
int command_why(int argc, char **argv);

#endif
