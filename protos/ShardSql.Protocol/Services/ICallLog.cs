using System;

namespace ShardSql.Protocol;

/// <summary>Where a server says how its calls go.</summary>
public interface ICallLog
{
    /// <summary>An endpoint threw what it should not.</summary>
    void Failed(string path, Exception cause);

    /// <summary>A call ended with a status other than OK.</summary>
    void Ended(string path, GrpcException status);
}
