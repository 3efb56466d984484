using System.Collections.Generic;

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

    /// <summary>A sequence has never been, and another may take its place: it gave nothing.</summary>
    public void Forget(SequenceDescriptor sequence) => _current.Remove(sequence.Id);

    /// <summary>setval has set it.</summary>
    public void Set(SequenceDescriptor sequence, long number) => _current[sequence.Id] = number;
}
