using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>The keys that must be there, and those that nothing may refer to, when a statement ends.</summary>
internal sealed class PendingChecks(PlanningContext context)
{
    private readonly SortedDictionary<(uint Table, int Number), LookUp> _wanted = [];
    private readonly SortedDictionary<(uint Table, int Number), LookUp> _vanished = [];
    private readonly SortedDictionary<(uint Table, int Number), SortedSet<byte[]>> _appeared = [];
    private readonly List<(LookUp LookUp, SortedSet<byte[]> Found)> _asked = [];
    private readonly SortedDictionary<(uint Table, int Number), int> _confirmations = [];

    /// <summary>Takes some changes; gives the keys that lead on to further rows.</summary>
    public List<KeyMoves> Take(IReadOnlyList<RowChange> changes)
    {
        var moves = new SortedDictionary<(uint Table, int Number, ReferentialAction Action), KeyMoves>();
        foreach (RowChange change in changes)
        {
            foreach (Reference reference in context.Catalog.ReferencesOf(change.Table))
            {
                Want(reference, change);
            }

            foreach (Reference reference in context.Catalog.ReferencesTo(change.Table))
            {
                TakeParent(reference, change, moves);
            }
        }

        return [.. moves.Values];
    }

    /// <summary>What is left to read: all that needs no entries of indexes elsewhere at once.</summary>
    public IEnumerable<StatementPlan> Readings()
    {
        foreach (LookUp lookUp in (IEnumerable<LookUp>)[.. _wanted.Values, .. Gone()])
        {
            _asked.Add((lookUp, new SortedSet<byte[]>(ByteKeyComparer.Instance)));
        }

        var together = new List<ShardTask>();
        StatementPlan? last = null;
        for (int i = 0; i < _asked.Count; i++)
        {
            foreach (StatementPlan reading in _asked[i].LookUp.Marked(context, i))
            {
                if (reading.Then is not null)
                {
                    yield return reading;
                }
                else
                {
                    together.AddRange(reading.Tasks);
                    last = reading;
                }

                if (together.Count >= ForeignKeyLimits.LookUpTasksMax)
                {
                    yield return last! with { Tasks = together };
                    together = [];
                }
            }
        }

        if (together.Count > 0)
        {
            yield return last! with { Tasks = together };
        }
    }

    /// <summary>A row that referred to what is not there may be gone, or refer elsewhere, after later actions.</summary>
    public IEnumerable<StatementPlan> Confirmations()
    {
        foreach ((LookUp lookUp, SortedSet<byte[]> found) in _asked.ToArray())
        {
            var referring = new LookUp(lookUp.Reference, forParents: false, breaksOff: true);
            foreach ((byte[] key, SqlValue[] values) in lookUp.Keys)
            {
                if (lookUp.ForParents && !found.Contains(key))
                {
                    referring.Keys[key] = values;
                }
            }

            if (referring.Keys.Count > 0)
            {
                _confirmations[NameOf(lookUp.Reference)] = _asked.Count;
                _asked.Add((referring, new SortedSet<byte[]>(ByteKeyComparer.Instance)));
                foreach (StatementPlan reading in referring.Marked(context, _asked.Count - 1))
                {
                    yield return reading;
                }
            }
        }
    }

    /// <summary>Takes what has been read.</summary>
    public void Supply(IReadOnlyList<SqlValue[]> rows)
    {
        foreach (SqlValue[] row in rows)
        {
            _asked[row[0].AsInt32()].Found.Add(ReferenceKeys.Of(row[1..])!);
        }
    }

    /// <summary>23503 for the first that is wrong.</summary>
    public void Require()
    {
        foreach (LookUp lookUp in _wanted.Values)
        {
            SortedSet<byte[]> found = FoundOf(lookUp);
            SortedSet<byte[]>? referring = _confirmations.TryGetValue(NameOf(lookUp.Reference), out int confirmation)
                ? _asked[confirmation].Found
                : null;
            foreach ((byte[] key, SqlValue[] values) in lookUp.Keys)
            {
                if (!found.Contains(key) && (referring is null || referring.Contains(key)))
                {
                    throw ForeignKeyErrors.NoParent(lookUp.Reference, values);
                }
            }
        }

        foreach (LookUp lookUp in _vanished.Values)
        {
            foreach (byte[] key in FoundOf(lookUp))
            {
                throw ForeignKeyErrors.StillReferenced(lookUp.Reference, lookUp.Keys[key]);
            }
        }
    }

    private SortedSet<byte[]> FoundOf(LookUp lookUp)
    {
        foreach ((LookUp asked, SortedSet<byte[]> found) in _asked)
        {
            if (ReferenceEquals(asked, lookUp))
            {
                return found;
            }
        }

        return [];
    }

    private static (uint Table, int Number) NameOf(Reference reference) => (reference.Child.Id, reference.Number);

    private void Want(Reference reference, RowChange change)
    {
        if (change.Row is null || ReferenceKeys.Referring(reference, change.Row) is not { } values)
        {
            return;
        }

        byte[] key = ReferenceKeys.Of(values)!;
        byte[]? before = change.Old is null
            ? null
            : ReferenceKeys.Of(ReferenceKeys.ValuesOf(change.Old, reference.Columns));
        if (before is null || !ByteKeyComparer.Instance.Equals(before, key))
        {
            Of(_wanted, reference, forParents: true).Keys[key] = values;
        }
    }

    private void TakeParent(
        Reference reference,
        RowChange change,
        SortedDictionary<(uint Table, int Number, ReferentialAction Action), KeyMoves> moves)
    {
        SqlValue[]? old = change.Old is null ? null : ReferenceKeys.ValuesOf(change.Old, reference.ParentColumns);
        SqlValue[]? now = change.Row is null ? null : ReferenceKeys.ValuesOf(change.Row, reference.ParentColumns);
        byte[]? oldKey = old is null ? null : ReferenceKeys.Of(old);
        byte[]? newKey = now is null ? null : ReferenceKeys.Of(now);
        if (newKey is not null)
        {
            AppearedOf(reference).Add(newKey);
        }

        if (oldKey is null || (newKey is not null && ByteKeyComparer.Instance.Equals(oldKey, newKey)))
        {
            return;
        }

        ReferentialAction action = change.Row is null ? reference.Key.OnDelete : reference.Key.OnUpdate;
        if (action is not (ReferentialAction.Cascade or ReferentialAction.SetNull))
        {
            // SET DEFAULT may set what is gone: it is looked at like NO ACTION when it is done.
            Of(_vanished, reference, forParents: false).Keys[oldKey] = old!;
        }

        if (action is ReferentialAction.Cascade or ReferentialAction.SetNull or ReferentialAction.SetDefault)
        {
            (uint, int, ReferentialAction) name = (reference.Child.Id, reference.Number, action);
            if (!moves.TryGetValue(name, out KeyMoves? taken))
            {
                taken = new KeyMoves(reference, action);
                moves.Add(name, taken);
            }

            taken.Add(oldKey, old!, now);
        }
    }

    /// <summary>Keys that are gone in the end; RESTRICT does not care for what came in their place.</summary>
    private IEnumerable<LookUp> Gone()
    {
        foreach (LookUp lookUp in _vanished.Values)
        {
            SortedSet<byte[]> appeared = AppearedOf(lookUp.Reference);
            foreach (byte[] key in (byte[][])[.. lookUp.Keys.Keys.Where(appeared.Contains)])
            {
                if (lookUp.Reference.Key.OnUpdate != ReferentialAction.Restrict)
                {
                    lookUp.Keys.Remove(key);
                }
            }

            if (lookUp.Keys.Count > 0)
            {
                yield return lookUp;
            }
        }
    }

    private SortedSet<byte[]> AppearedOf(Reference reference)
    {
        (uint, int) name = NameOf(reference);
        if (!_appeared.TryGetValue(name, out SortedSet<byte[]>? keys))
        {
            keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
            _appeared.Add(name, keys);
        }

        return keys;
    }

    private static LookUp Of(
        SortedDictionary<(uint Table, int Number), LookUp> lookUps, Reference reference, bool forParents)
    {
        (uint, int) name = NameOf(reference);
        if (!lookUps.TryGetValue(name, out LookUp? lookUp))
        {
            lookUp = new LookUp(reference, forParents, breaksOff: !forParents);
            lookUps.Add(name, lookUp);
        }

        return lookUp;
    }
}
