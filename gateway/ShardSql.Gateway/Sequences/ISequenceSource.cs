using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;

namespace ShardSql.Gateway.Sequences;

/// <summary>Where the numbers of sequences come from.</summary>
internal interface ISequenceSource
{
    /// <summary>A number that is there already.</summary>
    bool TryTake(SequenceDescriptor sequence, out long number);

    /// <summary>So many numbers, in their order; 2200H where the sequence has come to its end.</summary>
    Task<List<long>> TakeAsync(SequenceDescriptor sequence, int count, CancellationToken ended);

    /// <summary>setval.</summary>
    Task SetAsync(SequenceDescriptor sequence, SequenceState state, CancellationToken ended);
}
