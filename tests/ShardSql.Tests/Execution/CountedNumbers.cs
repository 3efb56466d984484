using System.Collections.Generic;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Tests.Execution;

/// <summary>Numbers of sequences, one after the other, as a gateway without neighbours gives them.</summary>
internal sealed class CountedNumbers : ISequenceNumbers
{
    private readonly Dictionary<uint, SequenceState> _states = [];
    private readonly Dictionary<uint, long> _current = [];

    public long? Last { get; private set; }

    public long? Current(SequenceDescriptor sequence) =>
        _current.TryGetValue(sequence.Id, out long number) ? number : null;

    public long Next(SequenceDescriptor sequence)
    {
        SequenceState state = _states.GetValueOrDefault(sequence.Id, sequence.Initial);
        (SequenceBlock block, _states[sequence.Id]) = state.Take(sequence, 1)!.Value;
        _current[sequence.Id] = block.First;
        Last = block.First;
        return block.First;
    }

    public void Set(SequenceDescriptor sequence, long value, bool isCalled) =>
        _states[sequence.Id] = new SequenceState(value, isCalled);
}
