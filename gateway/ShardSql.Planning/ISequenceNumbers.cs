using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning;

/// <summary>
/// Numbers of sequences, for what planning evaluates. Planning is synchronous and the numbers may be elsewhere: then what
/// is given only stands for them, and the plan is made again once they are there.
/// </summary>
public interface ISequenceNumbers
{
    /// <summary>What nextval gave last in the session, of whichever sequence; null: nothing yet.</summary>
    long? Last { get; }

    /// <summary>What nextval gave last of a sequence in the session; null: nothing yet.</summary>
    long? Current(SequenceDescriptor sequence);

    /// <summary>nextval.</summary>
    long Next(SequenceDescriptor sequence);

    /// <summary>setval; the value is one of the sequence's.</summary>
    void Set(SequenceDescriptor sequence, long value, bool isCalled);
}
