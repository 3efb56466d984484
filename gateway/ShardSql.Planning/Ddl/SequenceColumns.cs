using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>The sequences of one table's serial and identity columns: named when the columns are made, put into the change
/// with the table.</summary>
internal sealed class SequenceColumns(Catalog catalog, string table)
{
    private readonly List<(string Name, uint ColumnId, SequenceOptions Options)> _sequences = [];

    /// <summary>The column, with numbers of a sequence of its own as its default.</summary>
    public ColumnDescriptor Add(ColumnDescriptor column, SequenceColumn sequence)
    {
        string name = sequence.Options.Name.Length == 0
            ? SequenceDefinition.NameFor(table, column.Name, IsTaken)
            : !IsTaken(sequence.Options.Name) ? sequence.Options.Name
            : throw new SqlException(
                SqlStates.DuplicateTable,
                $"relation \"{sequence.Options.Name}\" already exists",
                (int)sequence.Options.Position);
        _sequences.Add((name, column.Id, sequence.Options));
        return column with
        {
            Nullable = false,
            Default = SequenceNames.NextOf(name),
            Identity = sequence.Kind switch
            {
                SequenceColumnKind.Always => IdentityKind.Always,
                SequenceColumnKind.ByDefault => IdentityKind.ByDefault,
                _ => IdentityKind.None,
            },
        };
    }

    /// <summary>The sequences are made with their table.</summary>
    public void Put(CatalogEdit edit, uint tableId)
    {
        foreach ((string name, uint columnId, SequenceOptions options) in _sequences)
        {
            edit.Create(SequenceDefinition.Of(edit.TakeTableId(), name, options) with
            {
                OwnerTableId = tableId,
                OwnerColumnId = columnId,
            });
        }
    }

    private bool IsTaken(string name) =>
        name == table || catalog.IsTaken(name) || _sequences.Exists(s => s.Name == name);
}
