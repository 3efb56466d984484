namespace ShardSql.Data;

/// <summary>How a connection is encrypted. Only <see cref="Disable"/> is served by gateways so far.</summary>
public enum ShardSqlSslMode
{
    /// <summary>Not encrypted.</summary>
    Disable = 0,

    /// <summary>Encrypted, the certificate is not checked.</summary>
    Require = 1,

    /// <summary>Encrypted, the certificate's issuer is checked.</summary>
    VerifyCA = 2,

    /// <summary>Encrypted, issuer and host name of the certificate are checked.</summary>
    VerifyFull = 3,
}
