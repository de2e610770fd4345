namespace JitsiMesh.Hosting.Tests.Settings;

/// <summary>For each setting of logins a test that shows its effect: its class and its name. The tests of docs/settings.md search the tree for them.</summary>
internal static class ShownBy
{
    private const string LdapLogin = "LdapLoginTests", LdapServer = "LdapServerTests", LdapOptions = "LdapOptionsTests", TokenSettings = "TokenSettingTests", Table = "AuthenticationTableTests";

    /// <summary>In the order of the Jitsi tables, further ones behind their like.</summary>
    public static IReadOnlyDictionary<string, (string Class, string Method)> Tests { get; } = new OrderedDictionary<string, (string Class, string Method)>(StringComparer.Ordinal)
    {
        ["ENABLE_AUTH"] = (Table, "What_the_table_says_happens"),
        ["ENABLE_GUESTS"] = (Table, "What_the_table_says_happens"),
        ["AUTH_TYPE"] = (Table, "What_the_table_says_happens"),
        ["MESH_ACCOUNTS_DATABASE"] = ("PostgresAccountTests", "What_is_changed_counts_at_once_in_every_process"),
        ["MESH_MODERATORS"] = ("RoleTests", "The_first_in_the_room_becomes_owner_by_policy_and_login"),
        ["LDAP_URL"] = (LdapServer, "A_dead_first_server_costs_one_login_a_little_and_the_next_nothing"),
        ["LDAP_BASE"] = (LdapLogin, "Bind_finds_the_entry_below_the_base_and_binds_as_it"),
        ["LDAP_BINDDN"] = (LdapLogin, "An_anonymous_search_finds_what_everybody_may_see"),
        ["LDAP_BINDPW"] = (LdapLogin, "A_wrong_password_of_the_account_that_searches_is_not_told_as_a_wrong_password"),
        ["LDAP_FILTER"] = (LdapLogin, "The_filter_has_the_parts_of_the_name_in_it"),
        ["LDAP_AUTH_METHOD"] = (LdapLogin, "Custom_compares_each_form_of_a_stored_password"),
        ["LDAP_VERSION"] = (LdapLogin, "Version_2_logs_in_where_the_server_has_it"),
        ["LDAP_TLS_CIPHERS"] = (LdapServer, "The_ciphers_are_those_that_are_allowed"),
        ["LDAP_TLS_CHECK_PEER"] = (LdapServer, "The_certificate_counts_with_ldaps_and_StartTLS_alike"),
        ["LDAP_TLS_CACERT_FILE"] = (LdapServer, "The_certificate_counts_with_ldaps_and_StartTLS_alike"),
        ["LDAP_TLS_CACERT_DIR"] = (LdapServer, "An_authority_in_the_folder_is_trusted_too_also_one_that_is_put_there_later"),
        ["LDAP_START_TLS"] = (LdapServer, "A_server_without_StartTLS_gets_no_password_in_clear"),
        ["LDAP_USE_TLS"] = (LdapOptions, "What_cannot_be_meant_is_refused_by_name"),
        ["LDAP_REALM"] = (LdapLogin, "The_filter_has_the_parts_of_the_name_in_it"),
        ["LDAP_MODERATOR_GROUPS"] = (LdapLogin, "Who_is_admitted_is_known_by_name_mail_and_groups"),
        ["LDAP_FEATURE_GROUPS"] = (LdapLogin, "Who_is_admitted_is_known_by_name_mail_and_groups"),
        ["JWT_APP_ID"] = (TokenSettings, "Accepted_issuers_take_the_place_of_the_app_id"),
        ["JWT_APP_SECRET"] = (TokenSettings, "The_secret_may_come_from_a_file"),
        ["JWT_ACCEPTED_ISSUERS"] = (TokenSettings, "Accepted_issuers_take_the_place_of_the_app_id"),
        ["JWT_ACCEPTED_AUDIENCES"] = (TokenSettings, "One_of_the_accepted_audiences_is_enough"),
        ["JWT_ASAP_KEYSERVER"] = ("AsapKeyTests", "A_key_is_fetched_once_by_the_hash_of_its_name_and_kept"),
        ["MESH_JWT_JWKS_URL"] = ("JwksKeyTests", "A_rotated_key_is_found_and_its_predecessor_is_gone"),
        ["JWT_ALLOW_EMPTY"] = (TokenSettings, "With_JWT_ALLOW_EMPTY_nobody_is_a_guest_who_has_a_bad_token"),
        ["JWT_AUTH_TYPE"] = (TokenSettings, "The_two_module_names_of_Jitsi_are_taken_as_what_is_built_in"),
        ["JWT_TOKEN_AUTH_MODULE"] = (TokenSettings, "The_two_module_names_of_Jitsi_are_taken_as_what_is_built_in"),
        ["JWT_SIGN_TYPE"] = (TokenSettings, "JWT_SIGN_TYPE_leaves_one_algorithm"),
        ["JWT_ENABLE_DOMAIN_VERIFICATION"] = (TokenSettings, "With_domain_verification_a_token_is_good_for_its_tenant"),
        ["JWT_ACCEPTED_ALLOWNER_ISSUERS"] = ("TokenContextTests", "The_people_of_some_issuers_all_moderate"),
        ["MESH_JWT_LEEWAY"] = (TokenSettings, "The_leeway_and_the_need_of_an_end_can_be_set"),
        ["MESH_JWT_REQUIRE_EXP"] = (TokenSettings, "The_leeway_and_the_need_of_an_end_can_be_set"),
    };
}
