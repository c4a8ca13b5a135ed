"""What the desk's page of trends shows: numbers that were released before, chosen from and never counted anew."""
