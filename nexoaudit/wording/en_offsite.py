"""English: sentences about off-site copies and the locations that keep them."""

CONTROL = "Off-site copies"

REASONS = {
    # reaching a location
    "location.unreachable": (
        "location {location} cannot be reached ({detail}); last listed {last}"
    ),
    "location.timeout": "location {location} gives no answer ({detail}); last listed {last}",
    "location.refused": (
        "location {location} refuses our credentials ({detail}); last listed {last}"
    ),
    "location.forbidden": "location {location} denies us a right ({detail}); last listed {last}",
    "location.host_key": (
        "location {location}: THE HOST KEY IS NOT THE KNOWN ONE ({detail}); last listed {last}"
    ),
    "location.clock": (
        "location {location} says that a clock is wrong ({detail}); last listed {last}"
    ),
    "location.region": "location {location} is in another region ({detail}); last listed {last}",
    "location.throttled": "location {location} turns us away ({detail}); last listed {last}",
    "location.cut": (
        "the connection to location {location} broke half-way ({detail}); last listed {last}"
    ),
    "location.archived": "location {location} has archived it ({detail}); last listed {last}",
    # single copies
    "copy.differs": "{path} at {location} is not the bytes of the copy it was made from",
    "copy.other_size": "{path} at {location} has another size than the copy it was made from",
    "copy.unproven": "{path} at {location}: nothing proves that its bytes are the right ones yet",
    "copy.refused": "{path} at {location}: we may not ask for it",
    # 3-2-1
    "copies.one_place": (
        "point {point} has {copies} of {want_copies} copies, {media} of {want_media} media, "
        "{offsite} of {want_offsite} off-site: {one_place} are one place"
    ),
    "copies.unproven": (
        "point {point} has {copies} of {want_copies} copies, {media} of {want_media} media, "
        "{offsite} of {want_offsite} off-site that are proven; waiting for: {lacking}"
    ),
    # what is there
    "offsite.current": "{location}: newest {newest}, {lag} old, {points} points",
    "offsite.nothing_due": "{location}: nothing is due there yet, and nothing is there",
    "offsite.nowhere": "no off-site location is configured for it",
    "offsite.emptied": (
        "{location}: {gone} COPIES VANISHED since {since}, {left} are left: stop the transfer "
        "before it deletes the rest"
    ),
    "offsite.missing": (
        "{location}: {late} points due there are missing, newest {path}: the transfer has stopped"
    ),
    "offsite.gaps": "{location}: {late} older points are missing, newest of them {path}",
    "offsite.nothing_there": "{location}: nothing usable is there",
    "offsite.over_limit": "{location}: newest {newest}, {lag} old, over the limit",
    "offsite.plain": "{location}: {count} copies lie there unencrypted, such as {path}",
    "offsite.twin": "{location}: {path} lies there in the open beside its encrypted copy",
    "offsite.fetch_unknown": (
        "{location}: {path} is archived ({tier}), and `fetch` does not say how long it takes to "
        "have it back"
    ),
    "offsite.too_slow": (
        "{location}: {path} takes {takes} to have back, more than the recovery time of {rto}"
    ),
    "offsite.doubled": (
        "{location}: {trees} generations take up {takes} there and {made} where they were made: "
        "their hard links are lost (rsync -H keeps them, a bucket cannot)"
    ),
    # the location itself
    "offsite.never_seen": "{location}: it has never been reached",
    "offsite.public": "{location}: everybody may read the bucket",
    "offsite.unprotected": (
        "{location}: what is deleted or overwritten is lost: versioning is {versioning}, and "
        "nothing is locked"
    ),
    "offsite.expires_early": (
        "{location}: the bucket deletes {component} after {after}, retention asks for {keep}"
    ),
    "offsite.posture_unknown": "{location}: the bucket does not tell us: {unknown}",
    "offsite.hostkey.unchecked": (
        "{location}: ssh is configured not to compare host keys: the transfer may go anywhere"
    ),
    "offsite.endpoint.plain": (
        "{location}: the endpoint is plain http: who listens on the way reads and changes it all"
    ),
    "offsite.same_host": "{location}: it is called off-site and is this very host ({token})",
    "offsite.same_network": "{location}: it is called off-site and is in our network ({token})",
    "offsite.same_region": "{location}: it is in the site's own region, {region}",
    "offsite.key_beside": (
        "{location}: {path} lies among the backups and is named like what opens the encrypted ones"
    ),
    "offsite.one_place": "{location}: it is the same place as {other} ({token})",
}
