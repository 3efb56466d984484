using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>What system tables say of sequences and of the columns that own them.</summary>
public static class SequenceRows
{
    private const string Yes = "YES";
    private const string No = "NO";

    /// <summary>Rows of <see cref="VirtualTables.Sequences"/> in the order of names.</summary>
    public static IReadOnlyList<SqlValue[]> Shown(SystemState state)
    {
        var rows = new List<SqlValue[]>();
        foreach (SequenceDescriptor sequence in state.Catalog.Sequences)
        {
            TableDescriptor? owner = state.Catalog.Find(sequence.OwnerTableId);
            rows.Add(
            [
                SqlValue.FromText(sequence.Name),
                SqlValue.FromText(StandardTypes.NameOf(new SqlType(sequence.Type))),
                SqlValue.FromInt64(sequence.Start),
                SqlValue.FromInt64(sequence.Increment),
                SqlValue.FromInt64(sequence.Minimum),
                SqlValue.FromInt64(sequence.Maximum),
                SqlValue.FromInt64(sequence.Cache),
                SqlValue.FromBoolean(sequence.Cycles),
                owner is null ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(owner.Name),
                owner is null
                    ? SqlValue.NullOf(SqlKind.Text)
                    : SqlValue.FromText(owner.Columns[owner.OrdinalOf(sequence.OwnerColumnId)].Name),
            ]);
        }

        return rows;
    }

    /// <summary>Rows of information_schema.sequences; as in PostgreSQL, those of identity columns are not among them.
    /// </summary>
    internal static IEnumerable<VirtualRow> Standard(Catalog catalog, string database)
    {
        foreach (SequenceDescriptor sequence in catalog.Sequences)
        {
            if (OwnerOf(catalog, sequence) is { Identity: not IdentityKind.None })
            {
                continue;
            }

            yield return new VirtualRow(InformationSchema.Sequences)
                .Set(
                    ("sequence_catalog", database),
                    ("sequence_schema", SchemaNames.Public),
                    ("sequence_name", sequence.Name),
                    ("data_type", StandardTypes.NameOf(new SqlType(sequence.Type))),
                    ("start_value", Text(sequence.Start)),
                    ("minimum_value", Text(sequence.Minimum)),
                    ("maximum_value", Text(sequence.Maximum)),
                    ("increment", Text(sequence.Increment)),
                    ("cycle_option", sequence.Cycles ? Yes : No))
                .Set("numeric_precision", sequence.Type switch
                {
                    SqlKind.Int16 => 16,
                    SqlKind.Int32 => 32,
                    _ => 64,
                })
                .Set("numeric_precision_radix", 2)
                .Set("numeric_scale", 0);
        }
    }

    /// <summary>What information_schema.columns says of an identity column.</summary>
    internal static VirtualRow SetIdentity(VirtualRow row, Catalog catalog, TableDescriptor table, ColumnDescriptor column)
    {
        foreach (SequenceDescriptor sequence in catalog.Sequences)
        {
            if (sequence.OwnerTableId == table.Id && sequence.OwnerColumnId == column.Id)
            {
                return row.Set(
                    ("is_identity", Yes),
                    ("identity_generation", column.Identity == IdentityKind.Always ? "ALWAYS" : "BY DEFAULT"),
                    ("identity_start", Text(sequence.Start)),
                    ("identity_increment", Text(sequence.Increment)),
                    ("identity_maximum", Text(sequence.Maximum)),
                    ("identity_minimum", Text(sequence.Minimum)),
                    ("identity_cycle", sequence.Cycles ? Yes : No));
            }
        }

        return row;
    }

    private static ColumnDescriptor? OwnerOf(Catalog catalog, SequenceDescriptor sequence) =>
        catalog.Find(sequence.OwnerTableId) is { } table && table.OrdinalOf(sequence.OwnerColumnId) is >= 0 and int ordinal
            ? table.Columns[ordinal]
            : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
