using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The schema <c>information_schema</c>: the views of the SQL standard that tools read, with PostgreSQL's
/// columns.</summary>
public static class InformationSchema
{
    /// <summary>Its name.</summary>
    public const string Schema = "information_schema";

    /// <summary>The conditions of CHECK, and NOT NULL.</summary>
    public static VirtualTable CheckConstraints { get; } = Of(
        "check_constraints", "constraint_catalog constraint_schema constraint_name check_clause");

    /// <summary>The columns of all tables.</summary>
    public static VirtualTable Columns { get; } = Of(
        "columns",
        "table_catalog table_schema table_name column_name ordinal_position# column_default is_nullable data_type "
            + "character_maximum_length# character_octet_length# numeric_precision# numeric_precision_radix# "
            + "numeric_scale# datetime_precision# interval_type interval_precision# character_set_catalog "
            + "character_set_schema character_set_name collation_catalog collation_schema collation_name domain_catalog "
            + "domain_schema domain_name udt_catalog udt_schema udt_name scope_catalog scope_schema scope_name "
            + "maximum_cardinality# dtd_identifier is_self_referencing is_identity identity_generation identity_start "
            + "identity_increment identity_maximum identity_minimum identity_cycle is_generated generation_expression "
            + "is_updatable");

    /// <summary>The columns that constraints read.</summary>
    public static VirtualTable ConstraintColumnUsage { get; } = Of(
        "constraint_column_usage",
        "table_catalog table_schema table_name column_name constraint_catalog constraint_schema constraint_name");

    /// <summary>The columns of keys.</summary>
    public static VirtualTable KeyColumnUsage { get; } = Of(
        "key_column_usage",
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name column_name "
            + "ordinal_position# position_in_unique_constraint#");

    /// <summary>The foreign keys.</summary>
    public static VirtualTable ReferentialConstraints { get; } = Of(
        "referential_constraints",
        "constraint_catalog constraint_schema constraint_name unique_constraint_catalog unique_constraint_schema "
            + "unique_constraint_name match_option update_rule delete_rule");

    /// <summary>The schemas.</summary>
    public static VirtualTable Schemata { get; } = Of(
        "schemata",
        "catalog_name schema_name schema_owner default_character_set_catalog default_character_set_schema "
            + "default_character_set_name sql_path");

    /// <summary>The sequences, but for those of identity columns.</summary>
    public static VirtualTable Sequences { get; } = Of(
        "sequences",
        "sequence_catalog sequence_schema sequence_name data_type numeric_precision# numeric_precision_radix# "
            + "numeric_scale# start_value minimum_value maximum_value increment cycle_option");

    /// <summary>The constraints of users' tables.</summary>
    public static VirtualTable TableConstraints { get; } = Of(
        "table_constraints",
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name constraint_type "
            + "is_deferrable initially_deferred enforced nulls_distinct");

    /// <summary>Tables and views.</summary>
    public static VirtualTable Tables { get; } = Of(
        "tables",
        "table_catalog table_schema table_name table_type self_referencing_column_name reference_generation "
            + "user_defined_type_catalog user_defined_type_schema user_defined_type_name is_insertable_into is_typed "
            + "commit_action");

    /// <summary>The views of users.</summary>
    public static VirtualTable Views { get; } = Of(
        "views",
        "table_catalog table_schema table_name view_definition check_option is_updatable is_insertable_into "
            + "is_trigger_updatable is_trigger_deletable is_trigger_insertable_into");

    /// <summary>All of them, in the order of names.</summary>
    public static IReadOnlyList<VirtualTable> All { get; } =
    [
        CheckConstraints, Columns, ConstraintColumnUsage, KeyColumnUsage, ReferentialConstraints, Schemata, Sequences,
        TableConstraints, Tables, Views,
    ];

    /// <summary>Columns of text, those with # of whole numbers.</summary>
    private static VirtualTable Of(string name, string columns)
    {
        var list = new List<VirtualColumn>();
        foreach (string column in columns.Split(' '))
        {
            bool isNumber = column.EndsWith('#');
            list.Add(new VirtualColumn(isNumber ? column[..^1] : column, isNumber ? SqlType.Int32 : SqlType.Text));
        }

        return new VirtualTable(name, list) { Schema = Schema };
    }
}
