using System.Collections.Generic;

namespace ShardSql.Planning.Catalogs;

/// <summary>A foreign key with both of its tables as they are in one catalog.</summary>
/// <param name="Child">The table that refers.</param>
/// <param name="Key">The constraint.</param>
/// <param name="Parent">The table that it refers to.</param>
public sealed record Reference(TableDescriptor Child, ForeignKey Key, TableDescriptor Parent)
{
    /// <summary>Ordinals of the columns that refer.</summary>
    public IReadOnlyList<int> Columns { get; } = ForeignKey.OrdinalsOf(Child, Key.Columns);

    /// <summary>Ordinals of the parent's columns, one for each of <see cref="Columns"/>.</summary>
    public IReadOnlyList<int> ParentColumns { get; } = ForeignKey.OrdinalsOf(Parent, Key.ParentColumns);

    /// <summary>Its place among the child's foreign keys: they are looked at in the order in which they were made.</summary>
    public int Number { get; } = IndexOf(Child.ForeignKeys, Key);

    /// <summary>Whether the rows of a parent and of its children are on one shard always: children are placed by what they
    /// refer by.</summary>
    public bool IsColocated
    {
        get
        {
            if (Child.GroupId != Parent.GroupId || Child.ShardKey.Count != Parent.ShardKey.Count
                || Child.Placement != Parent.Placement || Child.Placement == PlacementKind.Reference)
            {
                return false;
            }

            for (int i = 0; i < Child.ShardKey.Count; i++)
            {
                int place = IndexOf(Columns, Child.ShardKey[i]);
                if (place < 0 || ParentColumns[place] != Parent.ShardKey[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    private static int IndexOf<T>(IReadOnlyList<T> list, T wanted)
        where T : notnull
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i].Equals(wanted))
            {
                return i;
            }
        }

        return -1;
    }
}
