"""What is offered, at which price, to whom, and what is ordered. Owns listings, prices, carts and orders; never the
customers that they are about, nor what lies in a warehouse."""
