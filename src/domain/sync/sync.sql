-- What a phone carries: which groups and households a record concerns.

-- name: sync_renamed
SELECT code FROM division_name WHERE since > $1 AND since <= $2 LIMIT 1;

-- name: sync_site_changes
SELECT DISTINCT site FROM site_change WHERE since > $1 AND since <= $2;

-- name: sync_groups_of_person
SELECT DISTINCT grp FROM staffing_fact WHERE person = $1 ORDER BY grp LIMIT $2;

-- name: sync_groups_of_household
SELECT DISTINCT grp FROM assignment_fact WHERE household = $1 ORDER BY grp LIMIT $2;

-- name: sync_households_of_group
SELECT DISTINCT household FROM assignment_fact WHERE grp = $1 LIMIT $2;

-- name: sync_links
SELECT seq FROM link WHERE thing = $1 ORDER BY seq LIMIT $2;
