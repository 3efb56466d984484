using System;
using System.CommandLine;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Hosting;

// Standard output carries the ready line alone; whatever else there is to say goes to standard error.
using ILoggerFactory loggers = LoggerFactory.Create(logging => logging
    .SetMinimumLevel(LogLevel.Warning)
    .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

RootCommand server = ServerCommands.Create(new StorageFactory(loggers), loggers, Console.Out, Console.Error);
return await server.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
