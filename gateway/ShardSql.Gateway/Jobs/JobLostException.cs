using System;

namespace ShardSql.Gateway.Jobs;

/// <summary>Another gateway has taken the job, or it has ended: this one must not go on.</summary>
internal sealed class JobLostException : Exception
{
    public JobLostException()
    {
    }

    public JobLostException(string message)
        : base(message)
    {
    }

    public JobLostException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
