using System;

return 0;
