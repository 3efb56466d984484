using System.Collections.Generic;
using System.Linq;

using ShardSql.Gateway.Commit;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Gateway.Sequences;

/// <summary>What a session was given last of each sequence: currval and lastval.</summary>
internal sealed class SessionNumbers
{
    private readonly Dictionary<uint, long> _current = [];

    /// <summary>What nextval gave last, of whichever sequence.</summary>
    public long? Last { get; private set; }

    /// <summary>What nextval gave last of a sequence.</summary>
    public long? Current(SequenceDescriptor sequence) =>
        _current.TryGetValue(sequence.Id, out long number) ? number : null;

    /// <summary>nextval has given a number.</summary>
    public void Take(SequenceDescriptor sequence, long number)
    {
        _current[sequence.Id] = number;
        Last = number;
    }

    /// <summary>Sequences that a transaction had made have never been, and others may take their ids: they gave
    /// nothing.</summary>
    /// <param name="lost">What the transaction had made of the schema.</param>
    /// <param name="kept">What is left of that.</param>
    public void Forget(OwnSchema? lost, OwnSchema? kept)
    {
        var known = new HashSet<uint>((kept?.NewSequences ?? []).Select(static sequence => sequence.Id));
        foreach (SequenceDescriptor sequence in lost?.NewSequences ?? [])
        {
            if (!known.Contains(sequence.Id))
            {
                _current.Remove(sequence.Id);
            }
        }
    }

    /// <summary>setval has set it.</summary>
    public void Set(SequenceDescriptor sequence, long number) => _current[sequence.Id] = number;
}
