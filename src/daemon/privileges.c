/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "daemon/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"

/* The user that root becomes without -u; rbldnsd's, so that its files are readable. */
#define DEFAULT_USER "rbldns"
/* Bytes of a user or group name, NUL included; useradd takes 32. */
#define NAME_SIZE_MAX 256
/* The largest user or group number: the one above means "no change" to the system. */
#define ID_MAX (UINT32_MAX - 1)

/* Finds a user, and the group that it belongs to. */
static bool find_user(const char *name, identity_t *identity)
{
	const struct passwd *entry = getpwnam(name);
	unsigned id;

	if (entry == NULL && number_parse_unsigned(name, 0, ID_MAX, &id)) {
		entry = getpwuid(id);
		if (entry == NULL) {
			identity->uid = id;
			identity->gid = id;
			return true;
		}
	}
	if (entry == NULL)
		return false;
	identity->uid = entry->pw_uid;
	identity->gid = entry->pw_gid;
	return true;
}

static bool find_group(const char *name, gid_t *gid)
{
	const struct group *entry = getgrnam(name);
	unsigned id;

	if (entry != NULL) {
		*gid = entry->gr_gid;
		return true;
	}
	if (!number_parse_unsigned(name, 0, ID_MAX, &id))
		return false;
	*gid = id;
	return true;
}

/* Reads "user[:group]". */
static err_t parse(const char *spec, const char *name, identity_t *identity)
{
	const char *colon = strchr(spec, ':');
	size_t size = colon != NULL ? (size_t)(colon - spec) : strlen(spec);
	char user[NAME_SIZE_MAX];

	if (size == 0 || size >= sizeof(user)) {
		log_error("%s %s: give user or user:group", name, spec);
		return ERR_INVAL;
	}
	memcpy(user, spec, size);
	user[size] = '\0';
	if (!find_user(user, identity)) {
		log_error("%s %s: there is no user '%s'; see getent passwd", name, spec, user);
		return ERR_INVAL;
	}
	if (colon != NULL && !find_group(colon + 1, &identity->gid)) {
		log_error("%s %s: there is no group '%s'; see getent group", name, spec, colon + 1);
		return ERR_INVAL;
	}
	if (identity->uid == 0) {
		log_error("%s %s: spurnd does not run as root; name a user without privileges",
			  name, spec);
		return ERR_INVAL;
	}
	return ERR_OK;
}

err_t privileges_find(const char *spec, const char *name, identity_t *identity)
{
	bool is_root = getuid() == 0 || geteuid() == 0;

	memset(identity, 0, sizeof(*identity));
	identity->must_change = is_root;
	if (spec != NULL) {
		if (parse(spec, name, identity) != ERR_OK)
			return ERR_INVAL;
		if (!is_root && (identity->uid != getuid() || identity->gid != getgid())) {
			log_error("%s %s: only root can become another user; start as root, or "
				  "leave this out",
				  name, spec);
			return ERR_INVAL;
		}
		return ERR_OK;
	}
	if (is_root && !find_user(DEFAULT_USER, identity)) {
		log_error("started as root, but there is no user %s to become: create it "
			  "(adduser --system --group %s), or name another one with -u",
			  DEFAULT_USER, DEFAULT_USER);
		return ERR_INVAL;
	}
	if (is_root && identity->uid == 0) {
		log_error("the user %s is root; name one without privileges with -u", DEFAULT_USER);
		return ERR_INVAL;
	}
	return ERR_OK;
}

err_t privileges_check(const char *spec, const char *name)
{
	identity_t identity;

	return parse(spec, name, &identity);
}

err_t privileges_confine(const place_t *place)
{
	const char *root = place->root;
	const char *workdir = place->workdir;
	err_t err;

	/* Into the directory first, so that no way leads out of it afterwards. */
	if (root != NULL && (chdir(root) != 0 || chroot(".") != 0 || chdir("/") != 0)) {
		err = err_from_errno();
		log_error("%s %s: cannot change the root directory: %s%s", place->root_name, root,
			  err_text(err), err == (err_t)-EPERM ? "; only root can" : "");
		return err;
	}
	if (workdir != NULL && chdir(workdir) != 0) {
		err = err_from_errno();
		log_error("%s %s: cannot change to this directory%s: %s", place->workdir_name,
			  workdir, root != NULL ? " (below the new root directory)" : "",
			  err_text(err));
		return err;
	}
	return ERR_OK;
}

/* Becomes the user, with its group alone. */
static err_t change_user(const identity_t *identity)
{
	err_t err;

	/* From here on capabilities do not depend on who one is: nobody who became root once more
	 * would have them. What this needs, CAP_SETPCAP, is not there in every container, and then
	 * the rest has to do. */
	(void)capng_lock();
	if (setgroups(1, &identity->gid) != 0 ||
	    setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
	    setresuid(identity->uid, identity->uid, identity->uid) != 0) {
		err = err_from_errno();
		log_error("cannot become user %u, group %u: %s", (unsigned)identity->uid,
			  (unsigned)identity->gid, err_text(err));
		return err;
	}
	return ERR_OK;
}

/* Gives up all capabilities, and that a program of which we are not the owner could give us some. */
static err_t drop_capabilities(void)
{
	/* Unlike what was opened with them, capabilities are not needed any more, also not those
	 * that a service manager gave to a plain user for ports below 1024. */
	bool may_bound = capng_get_caps_process() == 0 &&
			 capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
	capng_clear(CAPNG_SELECT_ALL);
	/* The bounding set, first, for it takes CAP_SETPCAP. Who does not have that keeps it: it is
	 * what execve could give, if there were no PR_SET_NO_NEW_PRIVS. To try would be logged. */
	if (may_bound)
		(void)capng_apply(CAPNG_SELECT_BOUNDS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0 || capng_apply(CAPNG_SELECT_AMBIENT) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		err_t err = err_from_errno();

		log_error("cannot give up all privileges: %s", err_text(err));
		return err;
	}
	return ERR_OK;
}

/* Is there a way back to root, or to any capability? Then whoever breaks in has it too. */
static bool has_way_back(void)
{
	if (capng_get_caps_process() != 0 ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return true;
	return setuid(0) == 0 || (getgid() != 0 && setgid(0) == 0);
}

/* Is each of our numbers that of the identity? */
static bool is_identity(const identity_t *identity)
{
	uid_t uids[3];
	gid_t gids[3];

	if (getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
	    getresgid(&gids[0], &gids[1], &gids[2]) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(uids); i++) {
		if (uids[i] != identity->uid || gids[i] != identity->gid)
			return false;
	}
	return true;
}

err_t privileges_drop(const identity_t *identity)
{
	err_t err = ERR_OK;

	if (identity->must_change)
		err = change_user(identity);
	if (err == ERR_OK)
		err = drop_capabilities();
	if (err != ERR_OK)
		return err;
	if (has_way_back() || (identity->must_change && !is_identity(identity))) {
		log_error("became user %u, but could become root again", (unsigned)geteuid());
		return (err_t)-EPERM;
	}
	return ERR_OK;
}
